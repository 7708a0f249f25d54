/**
 * Noticing that two members believe different things. Gossip sends each piece of news a bounded number of times, so now
 * and then somebody misses one, and in a quiet cluster nothing would tell it before the next push/pull. Every packet
 * therefore carries a digest of all that its sender believes.
 */
import type { Address, MonoMs } from '../base/ids.ts';
import type { SwimHost, SwimSettings } from './options.ts';
import type { MemberState } from './packet.ts';

/**
 * 32 bits of one state; FNV-1a (Fowler, Noll, Vo). The digest of many states is the exclusive or of theirs. Address and
 * facts count beside the versions that stand for them: where a forged claim came first, nothing else would show it.
 */
export function digestOf({ claim, status }: MemberState): number {
  const { nodeId, instanceId, address, incarnation, factsVersion, facts } = claim;
  const { clusterId, ringEpoch, version, zone, state } = facts;
  const said = `${address} ${clusterId} ${ringEpoch} ${version} ${zone} ${state}`;
  const text = `${nodeId} ${instanceId} ${incarnation} ${factsVersion} ${status} ${said}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Starts a push/pull when a peer's digest differs and no news is on its way that would explain it. */
export class ViewCheck {
  readonly #settings: SwimSettings;
  readonly #host: SwimHost;
  readonly #ask: (address: Address) => void;
  #view = 0;
  #changedAt: MonoMs = Number.NEGATIVE_INFINITY;
  #askAt: MonoMs = Number.NEGATIVE_INFINITY;
  #pauseMs: number;

  constructor(settings: SwimSettings, host: SwimHost, ask: (address: Address) => void) {
    this.#settings = settings;
    this.#host = host;
    this.#ask = ask;
    this.#pauseMs = settings.tuning.viewSettleMs;
  }

  /**
   * A peer at `from` believes what digests to `theirs`; this node, `ours`. Where asking does not help (a full list, say),
   * the pause doubles up to that of the regular push/pull.
   */
  compare(from: Address, theirs: number, ours: number): void {
    const { viewSettleMs, syncIntervalMs } = this.#settings.tuning;
    const now = this.#host.timers.now;
    if (ours !== this.#view) {
      this.#view = ours;
      this.#changedAt = now;
      this.#pauseMs = viewSettleMs;
    }
    if (theirs === ours || now - this.#changedAt < viewSettleMs || now < this.#askAt) return;
    this.#askAt = now + this.#pauseMs;
    this.#pauseMs = Math.min(syncIntervalMs, this.#pauseMs * 2);
    this.#ask(from);
  }
}
