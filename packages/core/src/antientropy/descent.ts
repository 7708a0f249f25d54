import type { NodeId, RingEpoch } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { PeerMessage, ReplicaResult } from '../node/messages.ts';
import type { BucketRange } from '../ring/bucket-range.ts';
import { type SipTag, sipTagHex } from '../ring/siphash.ts';
import { differingHashes, groupSize, type Leaves } from './leaves.ts';

/** A peer that says nothing for so long, in ms, is given up for this time. */
export const answerMs = 5000;

/** What two nodes are compared over. */
export interface SharedBuckets {
  readonly peer: NodeId;
  readonly epoch: RingEpoch;
  readonly ranges: readonly BucketRange[];
}

export interface DescentHost {
  /** null while this node's own tree is not complete, or the ring is another than the comparison began with. */
  leaves(epoch: RingEpoch): Leaves | null;
  /** Asks once; answers null if no reply can come or none has come within that time. */
  ask(
    target: NodeId,
    build: (rpc: number) => PeerMessage,
    withinMs: number,
    answered: (reply: PeerMessage | null) => void,
  ): void;
}

/** Why a comparison came to no end: what the peer said instead, nothing, or that this node's own tree or ring changed. */
export type BreakReason = Exclude<ReplicaResult, 'ok'> | 'silent' | 'confused' | 'ownTree';

export type DescentEnd =
  /** Nothing differs; `root` is what this node told of itself. */
  | { readonly end: 'equal'; readonly root: SipTag }
  /** These buckets differ, ascending; outside of the groups `differing` nothing does. */
  | { readonly end: 'differ'; readonly buckets: readonly number[]; readonly differing: ReadonlySet<number> }
  | { readonly end: 'brokenOff'; readonly reason: BreakReason };

/**
 * Goes down two hash trees: sums of everything, of the groups of 256 buckets if those differ, the leaves of the groups that
 * differ (a Merkle tree of two levels; DeCandia et al., "Dynamo", SOSP 2007, 4.7). Two calls find one bucket that differs,
 * and each further `limits.treeGroupsMax` groups cost one.
 */
export class Descent {
  readonly #host: DescentHost;
  readonly #shared: SharedBuckets;
  readonly #ended: (end: DescentEnd) => void;
  readonly #differing = new Set<number>();
  readonly #buckets: number[] = [];

  constructor(host: DescentHost, shared: SharedBuckets, ended: (end: DescentEnd) => void) {
    this.#host = host;
    this.#shared = shared;
    this.#ended = ended;
  }

  start(): void {
    this.#ask([], (theirs, leaves, root) => {
      if (theirs.length === 0) return this.#ended({ end: 'equal', root });
      const groups = differingHashes(leaves.groups(this.#shared.ranges), theirs);
      if (groups === null) return this.#breakOff('confused');
      this.#compareGroups(groups);
    });
  }

  #compareGroups(groups: readonly number[]): void {
    const now = groups.slice(0, limits.treeGroupsMax);
    if (now.length === 0)
      return this.#ended({ end: 'differ', buckets: this.#buckets, differing: this.#differing });
    this.#ask(now, (theirs, leaves) => {
      for (const [i, group] of now.entries()) {
        const bytes = groupSize * 8;
        const part = theirs.subarray(i * bytes, (i + 1) * bytes);
        const places = differingHashes(leaves.group(group, this.#shared.ranges), part);
        if (places === null) return this.#breakOff('confused');
        if (places.length > 0) this.#differing.add(group);
        for (const place of places) this.#buckets.push(group * groupSize + place);
      }
      this.#compareGroups(groups.slice(now.length));
    });
  }

  #ask(groups: readonly number[], then: (theirs: Uint8Array, own: Leaves, root: SipTag) => void): void {
    const { peer, epoch, ranges } = this.#shared;
    const leaves = this.#host.leaves(epoch);
    if (leaves === null) return this.#breakOff('ownTree');
    const sum = leaves.root(ranges);
    const root = sipTagHex(sum);
    const build = (rpc: number) => ({ kind: 'tree', rpc, epoch, root, groups }) as const;
    this.#host.ask(peer, build, answerMs, (reply) => {
      if (reply?.kind !== 'treeReply') return this.#breakOff('silent');
      if (reply.result !== 'ok') return this.#breakOff(reply.result);
      const own = this.#host.leaves(epoch);
      if (own === null) return this.#breakOff('ownTree');
      then(reply.hashes, own, sum);
    });
  }

  #breakOff(reason: BreakReason): void {
    this.#ended({ end: 'brokenOff', reason });
  }
}
