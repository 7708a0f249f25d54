import { assert } from '../base/assert.ts';
import type { Bucket, NodeId, RingEpoch } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { appendRange, type BucketRange, bucketCount } from './bucket-range.ts';
import type { Placed } from './circle.ts';
import { preferenceList, spreadOver, type Walk } from './preference-list.ts';
import type { MemberShape, RingChange, RingDoc, RingMember, RingStatus } from './ring-doc.ts';
import { type Layout, layoutNext, layoutNow } from './settle.ts';

/**
 * One token of one node. The tokens of a joining node are listed too, though nothing is owned by them yet; tokens that
 * members will have after the change in progress are not.
 */
export interface Vnode {
  readonly token: Bucket;
  readonly nodeId: NodeId;
}

/**
 * Who holds a bucket. `current` holds it as of this epoch; `pending` will hold it after the change in progress, and
 * is null where that is the same set of nodes. Where it is not null, a quorum is a majority of each list. Most
 * preferred first; lists of equal content are one object.
 */
export interface ReplicaSet {
  readonly current: readonly NodeId[];
  readonly pending: readonly NodeId[] | null;
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
  /** All tokens, ascending. */
  readonly vnodes: readonly Vnode[];
  /** Members that own data now (normal and leaving), in order of id: the voters on the next epoch. */
  readonly owners: readonly NodeId[];
  /** The change in progress, if any: there is at most one. */
  readonly changing: RingChange | null;
  /** The change in progress stands still until it is resumed. */
  readonly paused: boolean;
  readonly #members: ReadonlyMap<NodeId, RingMember>;
  /** Tokens of now and of after the change in progress, ascending: an arc ends at each. */
  readonly #ends: readonly Bucket[];
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
    this.vnodes = placedOf(doc.members).map(({ token, node }) => ({
      token,
      nodeId: doc.members[node]!.nodeId,
    }));
    const now = layoutNow(doc);
    const next = doc.change === null ? null : layoutNext(doc);
    this.#ends = arcEnds(now, next);
    this.#arcOf = arcsByBucket(this.#ends);
    this.#sets = replicaSets(this.#ends, now, next);
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

/** All vnodes, ascending by token; nodes are indexes into `members`. */
function placedOf(members: readonly MemberShape[]): Placed[] {
  const { ringMembersMax } = limits;
  // As numbers, which sort without a call for each comparison.
  const vnodes = new Uint32Array(members.reduce((sum, { tokens }) => sum + tokens.length, 0));
  let filled = 0;
  members.forEach(({ tokens }, node) => {
    for (const token of tokens) vnodes[filled++] = token * ringMembersMax + node;
  });
  vnodes.sort();
  const placed: Placed[] = [];
  for (const vnode of vnodes) {
    const token = Math.floor(vnode / ringMembersMax);
    placed.push({ token, node: vnode - token * ringMembersMax });
  }
  return placed;
}

/** Where arcs end in either layout, ascending: within one of these arcs neither has more than one list. */
function arcEnds(now: Layout, next: Layout | null): Bucket[] {
  const isEnd = new Uint8Array(bucketCount);
  for (const { members } of next === null ? [now] : [now, next])
    for (const { tokens } of members) for (const token of tokens) isEnd[token] = 1;
  const ends: Bucket[] = [];
  for (let bucket = 0; bucket < bucketCount; bucket++) if (isEnd[bucket] === 1) ends.push(bucket);
  return ends;
}

/** By bucket: index of the arc that ends at the smallest token which is not below it, wrapping round. */
function arcsByBucket(ends: readonly Bucket[]): Uint16Array {
  const arcOf = new Uint16Array(bucketCount);
  let from = 0;
  ends.forEach((end, arc) => {
    arcOf.fill(arc, from, end + 1);
    from = end + 1;
  });
  return arcOf;
}

/** For each arc, who holds it. */
function replicaSets(ends: readonly Bucket[], now: Layout, next: Layout | null): ReplicaSet[] {
  const known = noLists();
  const current = listsOf(ends, now, known);
  const pending = next === null ? current : listsOf(ends, next, known);
  const sets = new Map<readonly NodeId[], Map<readonly NodeId[], ReplicaSet>>();
  return current.map((before, i) => {
    const after = pending[i]!;
    const startingSo = shared(sets, before, () => new Map<readonly NodeId[], ReplicaSet>());
    return shared(startingSo, after, () => ({
      current: before,
      pending: sameNodes(before, after) ? null : after,
    }));
  });
}

/** For each arc, its preference list in that layout. */
function listsOf(
  ends: readonly Bucket[],
  { members, replicas }: Layout,
  known: KnownLists,
): (readonly NodeId[])[] {
  const placed = placedOf(members);
  const zones = members.map((member) => member.zone);
  const spread = spreadOver(zones, () => true, replicas);
  const walk: Walk = {
    nodeAt: (at) => placed[at]!.node,
    next: (at) => (at + 1 === placed.length ? 0 : at + 1),
  };
  const lists = placed.map((_, at) => knownList(known, preferenceList(walk, at, spread), members));
  let next = 0;
  return ends.map((end) => {
    while (next < placed.length && placed[next]!.token < end) next++;
    return lists[next % lists.length]!;
  });
}

/** A tree of lists by their nodes, one after the other: much cheaper than a text for each list as its name. */
interface KnownLists {
  list: readonly NodeId[] | null;
  readonly longer: Map<NodeId, KnownLists>;
}

function noLists(): KnownLists {
  return { list: null, longer: new Map() };
}

/** The list known for these members; made of their ids and remembered if there is none. */
function knownList(
  known: KnownLists,
  nodes: readonly number[],
  members: readonly MemberShape[],
): readonly NodeId[] {
  let place = known;
  for (const node of nodes) place = shared(place.longer, members[node]!.nodeId, noLists);
  place.list ??= nodes.map((node) => members[node]!.nodeId);
  return place.list;
}

/** The value known under the key; made and remembered if there is none. */
function shared<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

function sameNodes(a: readonly NodeId[], b: readonly NodeId[]): boolean {
  return a.length === b.length && a.every((nodeId) => b.includes(nodeId));
}
