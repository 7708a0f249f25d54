import type { MonoMs, NodeId, WallMs } from '../base/ids.ts';
import type { BucketRange } from '../ring/bucket-range.ts';
import type { SipTag } from '../ring/siphash.ts';
import { groupCount, groupSize } from './leaves.ts';
import { sameHash } from './record-hash.ts';

interface Proven {
  /** By group of buckets; 0 for never. */
  readonly at: Float64Array;
  /** Set while everything shared is equal as far as this node knows: what it told of itself, how often in a row, and when. */
  last: { readonly root: SipTag; readonly times: number; readonly comparedAt: MonoMs } | null;
}

/**
 * Up to when this node and each other are proven to hold the same, by group of buckets, and from that how long they may rest:
 * twice as long after each comparison that found nothing. Two that were equal and are not have changed on one side at least,
 * and that side rests no more: so whatever it rests, a node that has changed is compared as soon as one that was never.
 */
export class Proofs {
  readonly #peers = new Map<NodeId, Proven>();
  readonly #restMs: number;
  readonly #restMsMax: number;

  constructor(restMs: number, restMsMax: number) {
    this.#restMs = restMs;
    this.#restMsMax = restMsMax;
  }

  /** Everything shared with `peer` was found equal in a comparison begun at `at`, in which this node told `root`. */
  equal(peer: NodeId, root: SipTag, at: WallMs, now: MonoMs): void {
    const proven = this.#of(peer);
    proven.at.fill(at);
    const times = proven.last !== null && sameHash(proven.last.root, root) ? proven.last.times + 1 : 1;
    proven.last = { root, times, comparedAt: now };
  }

  /** All but the groups `differing` was found equal. */
  equalBut(peer: NodeId, differing: ReadonlySet<number>, at: WallMs): void {
    const proven = this.#of(peer);
    for (let group = 0; group < groupCount; group++) if (!differing.has(group)) proven.at[group] = at;
    proven.last = null;
  }

  /** The peer was away, or is not what it was: it is compared as if it had never been. */
  doubt(peer: NodeId): void {
    const proven = this.#peers.get(peer);
    if (proven !== undefined) proven.last = null;
  }

  /** Whether the peer may be compared again. `root` is what this node would tell now. */
  isDue(peer: NodeId, root: () => SipTag, now: MonoMs): boolean {
    const last = this.#peers.get(peer)?.last ?? null;
    if (last === null) return true;
    const rest = Math.min(this.#restMs * 2 ** last.times, this.#restMsMax);
    return now - last.comparedAt >= rest || !sameHash(last.root, root());
  }

  /** Every write made before that time to a shared bucket of `range` was on both; null if that is not proven of all. */
  provenEqual(peer: NodeId, { from, to }: BucketRange): WallMs | null {
    const at = this.#peers.get(peer)?.at;
    if (at === undefined) return null;
    const groups = at.subarray(Math.floor(from / groupSize), Math.floor(to / groupSize) + 1);
    const oldest = Math.min(...groups);
    return oldest === 0 ? null : oldest;
  }

  /** What was proven under another ring says nothing of buckets that are shared since. */
  clear(): void {
    this.#peers.clear();
  }

  #of(peer: NodeId): Proven {
    const known = this.#peers.get(peer);
    if (known !== undefined) return known;
    const fresh: Proven = { at: new Float64Array(groupCount), last: null };
    this.#peers.set(peer, fresh);
    return fresh;
  }
}
