import type { Timer } from '../base/timers.ts';
import type { Contacts } from './contacts.ts';
import type { Peer, SwimHost, SwimSettings } from './options.ts';
import type { Roster } from './roster.ts';

/**
 * Tells the host whom to remember across a restart: all members, those that left last, and those remembered before that
 * have not been met since. Changes are gathered for a moment, because each costs the host a write.
 */
export class PeerMemory {
  readonly #settings: SwimSettings;
  readonly #host: SwimHost;
  readonly #roster: Roster;
  readonly #contacts: Contacts;
  #timer: Timer | null = null;
  #told = '';
  #stopped = false;

  constructor(settings: SwimSettings, host: SwimHost, roster: Roster, contacts: Contacts) {
    this.#settings = settings;
    this.#host = host;
    this.#roster = roster;
    this.#contacts = contacts;
  }

  /** What the host gave at the start need not be told back. */
  start(remembered: readonly Peer[]): void {
    this.#told = signature(remembered.toSorted(byNodeId));
  }

  /** Some member has changed. */
  wake(): void {
    if (this.#timer !== null || this.#stopped) return;
    this.#timer = this.#host.timers.after(this.#settings.tuning.peersDelayMs, () => this.#tell());
  }

  /** Tells at once what is still being gathered: the process is about to end, and its next start needs it. */
  flush(): void {
    if (this.#timer === null) return;
    this.#timer.cancel();
    this.#tell();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #tell(): void {
    this.#timer = null;
    const peers: Peer[] = [];
    const left: Peer[] = [];
    for (const { state } of this.#roster.table.entries()) {
      const { nodeId, address } = state.claim;
      (state.status === 'left' ? left : peers).push({ nodeId, address });
    }
    // Those that left come last, but are kept: when a whole cluster stops in good order, everyone has seen others leave.
    peers.push(...this.#contacts.unmet, ...left);
    peers.length = Math.min(peers.length, this.#settings.limits.membersMax);
    peers.sort(byNodeId);
    const told = signature(peers);
    if (told === this.#told) return;
    this.#told = told;
    this.#host.onPeersChanged(peers);
  }
}

function byNodeId(one: Peer, other: Peer): number {
  return one.nodeId < other.nodeId ? -1 : one.nodeId > other.nodeId ? 1 : 0;
}

function signature(peers: readonly Peer[]): string {
  return peers.map(({ nodeId, address }) => `${nodeId} ${address}`).join('\n');
}
