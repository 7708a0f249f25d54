import { membersSchema } from '@starling/api-types';
import { originOf } from '../../live/addresses.ts';

/** Where nodes are: the configured ones, and by id those that membership knows. */
export interface DirectoryPorts {
  readonly configured: readonly string[];
  readonly fetch: typeof fetch;
  readonly now: () => number;
}

/** Membership is asked again when a node is not found, but not more often than this, in ms. */
const askEveryMs = 1000;
/** A node that does not say who its members are within this time is passed over, in ms. */
const askPatienceMs = 800;
/** Nodes remembered by id. */
const knownMax = 1024;

export class NodeDirectory {
  private readonly ports: DirectoryPorts;
  private readonly known = new Map<string, string>();
  private askedAt = Number.NEGATIVE_INFINITY;
  private asking: Promise<void> | null = null;

  constructor(ports: DirectoryPorts) {
    this.ports = ports;
  }

  /** The origin of a node, asking the others for it where it is not known; null where nobody knows it. */
  async find(nodeId: string): Promise<string | null> {
    const known = this.known.get(nodeId);
    if (known !== undefined) return known;
    await this.refresh();
    return this.known.get(nodeId) ?? null;
  }

  /** Origins to try in turn: the node that is near first, then the configured ones, then all others known. */
  async candidates(near: string | null): Promise<readonly string[]> {
    const first = near === null ? null : await this.find(near);
    const origins = [first, ...this.configuredOrigins(), ...this.known.values()];
    return [...new Set(origins.filter((origin) => origin !== null))];
  }

  /** A node did not answer where it was thought to be: its address may have changed. */
  forget(origin: string): void {
    for (const [nodeId, known] of this.known) if (known === origin) this.known.delete(nodeId);
  }

  private configuredOrigins(): readonly string[] {
    return this.ports.configured
      .map((address) => originOf(address, false))
      .filter((origin) => origin !== null);
  }

  private async refresh(): Promise<void> {
    if (this.asking !== null) return this.asking;
    if (this.ports.now() - this.askedAt < askEveryMs) return;
    this.askedAt = this.ports.now();
    this.asking = this.askAll().finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  private async askAll(): Promise<void> {
    const origins = new Set([...this.configuredOrigins(), ...this.known.values()]);
    await Promise.any([...origins].map((origin) => this.ask(origin))).catch(() => undefined);
  }

  private async ask(origin: string): Promise<void> {
    const answer = await this.ports.fetch(`${origin}/gossip/members`, {
      signal: AbortSignal.timeout(askPatienceMs),
    });
    const { members } = membersSchema.parse(await answer.json());
    for (const { nodeId, address } of members.slice(0, knownMax)) {
      const at = originOf(address, origin.startsWith('https:'));
      if (at !== null) this.known.set(nodeId, at);
    }
  }
}
