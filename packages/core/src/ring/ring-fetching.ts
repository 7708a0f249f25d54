import type { MonoMs, NodeId, RingEpoch } from '../base/ids.ts';
import type { RingHost } from './ring-host.ts';

/** A newer ring that is known of but not here yet is asked for again this often, in ms. */
const fetchAgainMs = 500;
/** The data path may hear of a newer epoch thousands of times a second; one peer is asked no more often than this, in ms. */
const fetchPauseMs = 50;

/** Gets newer rings from whoever speaks of them. */
export class RingFetching {
  readonly #host: RingHost;
  /** Peers that spoke of a newer ring than ours. */
  readonly #ahead = new Map<NodeId, { readonly epoch: RingEpoch; readonly askedAt: MonoMs }>();

  constructor(host: RingHost) {
    this.#host = host;
  }

  start(): void {
    this.#host.timers.every(fetchAgainMs, fetchAgainMs, () => this.#again());
  }

  /** A peer has spoken of a ring that is newer than the newest here: it is fetched from that peer. */
  heard(node: NodeId, epoch: RingEpoch): void {
    const { now } = this.#host.timers;
    const known = this.#ahead.get(node);
    if (known !== undefined && now - known.askedAt < fetchPauseMs) return;
    this.#ahead.set(node, { epoch, askedAt: now });
    this.#host.send(node, { kind: 'ringFetch' });
  }

  enforced(epoch: RingEpoch): void {
    for (const [node, ahead] of this.#ahead) if (ahead.epoch <= epoch) this.#ahead.delete(node);
  }

  /** Asks one of the peers that are ahead, each in turn: the first may be one that never answers. */
  #again(): void {
    let next: { node: NodeId; epoch: RingEpoch; askedAt: MonoMs } | null = null;
    for (const [node, { epoch, askedAt }] of this.#ahead) {
      if (!this.#host.isAlive(node)) this.#ahead.delete(node);
      else if (next === null || askedAt < next.askedAt) next = { node, epoch, askedAt };
    }
    if (next !== null) this.heard(next.node, next.epoch);
  }
}
