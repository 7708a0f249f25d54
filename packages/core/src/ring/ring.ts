import { assert } from '../base/assert.ts';
import type { Bucket, NodeId, RingEpoch } from '../base/ids.ts';
import { arcsByBucket, arcsOf, type ReplicaSet } from './arcs.ts';
import { appendRange, type BucketRange, bucketCount } from './bucket-range.ts';
import type { RingChange, RingDoc, RingMember, RingStatus } from './ring-doc.ts';
import { vnodesOf } from './vnodes.ts';

export type { ReplicaSet } from './arcs.ts';

/**
 * One token of one node. The tokens of a joining node are listed too, though nothing is owned by them yet; tokens that
 * members will have after the change in progress are not.
 */
export interface Vnode {
  readonly token: Bucket;
  readonly nodeId: NodeId;
}

/** One node's part of the ring as of this epoch. */
export interface Ownership {
  readonly nodeId: NodeId;
  /** Fraction of the buckets of which the node is first in the preference list; over all nodes they add up to 1. */
  readonly share: number;
  /** Fraction of the buckets of which the node holds a replica; over all nodes they add up to the effective N. */
  readonly replicaShare: number;
  readonly vnodes: number;
}

/** A member that owns data now; these also vote on the next ring. */
export function ownsNow(status: RingStatus): boolean {
  return status !== 'joining';
}

/**
 * A ring document with its answers worked out: built once per epoch, immutable, asked once per request. The
 * document must have passed `validateRing`.
 */
export class Ring {
  readonly doc: RingDoc;
  readonly epoch: RingEpoch;
  /** N as it is now: the configured one, or the number of owners where they are fewer. */
  readonly effectiveReplicas: number;
  /** Members that own data now (normal and leaving), in order of id: the voters on the next epoch. */
  readonly owners: readonly NodeId[];
  /** The change in progress, if any: there is at most one. */
  readonly changing: RingChange | null;
  /** The change in progress stands still until it is resumed. */
  readonly paused: boolean;
  readonly #members: ReadonlyMap<NodeId, RingMember>;
  /** Tokens of now and of after the change in progress, ascending: an arc ends at each. */
  readonly #ends: Uint16Array;
  /** By arc: who holds it. */
  readonly #sets: readonly ReplicaSet[];
  /** By bucket: the arc it lies in. */
  readonly #arcOf: Uint16Array;

  constructor(doc: RingDoc) {
    this.doc = doc;
    this.epoch = doc.epoch;
    this.#members = new Map(doc.members.map((member) => [member.nodeId, member]));
    this.owners = doc.members.filter((member) => ownsNow(member.status)).map((member) => member.nodeId);
    this.effectiveReplicas = Math.min(doc.replicas, this.owners.length);
    this.changing = doc.change;
    this.paused = doc.operations.some(({ state }) => state === 'paused');
    assert(this.effectiveReplicas > 0, 'a ring has an owner');
    const { ends, sets } = arcsOf(doc);
    this.#ends = ends;
    this.#sets = sets;
    this.#arcOf = arcsByBucket(ends);
  }

  /** All tokens, ascending: worked out when asked for, which only people do. */
  get vnodes(): Vnode[] {
    const { members } = this.doc;
    const { tokens, nodes } = vnodesOf(members);
    return Array.from(tokens, (token, i) => ({ token, nodeId: members[nodes[i]!]!.nodeId }));
  }

  /** The member of that name, or null if the ring does not list it. */
  member(nodeId: NodeId): RingMember | null {
    return this.#members.get(nodeId) ?? null;
  }

  /** Who holds the bucket. One array look-up: the data path asks this for every request. */
  replicasOf(bucket: Bucket): ReplicaSet {
    return this.#sets[this.#arcOf[bucket]!]!;
  }

  /** First in the bucket's preference list. */
  ownerOf(bucket: Bucket): NodeId {
    return this.replicasOf(bucket).current[0]!;
  }

  /** Whether the node holds the bucket, now or after the change in progress. */
  isReplica(nodeId: NodeId, bucket: Bucket): boolean {
    return holds(this.replicasOf(bucket), nodeId);
  }

  /** The buckets for which `isReplica` is true, ascending, touching ranges as one. */
  bucketsOf(nodeId: NodeId): BucketRange[] {
    const ranges: BucketRange[] = [];
    this.eachArc((range, replicas) => {
      if (holds(replicas, nodeId)) appendRange(ranges, range);
    });
    return ranges;
  }

  /** Visits the whole key space in ascending order, arc by arc; the arc that wraps round is visited as two ranges. */
  eachArc(visit: (range: BucketRange, replicas: ReplicaSet) => void): void {
    let from = 0;
    for (let i = 0; i < this.#ends.length; i++) {
      const to = this.#ends[i]!;
      visit({ from, to }, this.#sets[i]!);
      from = to + 1;
    }
    if (from < bucketCount) visit({ from, to: bucketCount - 1 }, this.#sets[0]!);
  }

  /** Every member's share, in order of node id. A joining node owns nothing yet. */
  ownership(): Ownership[] {
    const first = new Map<NodeId, number>();
    const held = new Map<NodeId, number>();
    this.eachArc(({ from, to }, { current }) => {
      const size = to - from + 1;
      first.set(current[0]!, (first.get(current[0]!) ?? 0) + size);
      for (const nodeId of current) held.set(nodeId, (held.get(nodeId) ?? 0) + size);
    });
    return this.doc.members.map(({ nodeId, tokens }) => ({
      nodeId,
      share: (first.get(nodeId) ?? 0) / bucketCount,
      replicaShare: (held.get(nodeId) ?? 0) / bucketCount,
      vnodes: tokens.length,
    }));
  }
}

/** Whether the node holds what the set describes, now or after the change in progress. */
export function holds(replicas: ReplicaSet, nodeId: NodeId): boolean {
  return replicas.current.includes(nodeId) || (replicas.pending?.includes(nodeId) ?? false);
}
