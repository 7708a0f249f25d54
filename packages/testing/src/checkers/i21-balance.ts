import { bucketsIn } from '@starling/core/ring/bucket-range.ts';
import type { Ring } from '@starling/core/ring/ring.ts';
import type { RingDoc } from '@starling/core/ring/ring-doc.ts';
import type { SimProcess } from '../sim/process.ts';
import { type Checker, ensure } from './checker.ts';
import { canonicalRing } from './i20-ring-agreement.ts';

/** Largest allowed ratio of a node's share to its fair share (DESIGN §12, issue of the foundation). */
export const imbalanceMax = 1.05;
/** Largest allowed ratio of what a join moves, or a leave where each bucket has one copy, to what it must move. */
export const movementMax = 1.1;
/** The same for a leave where a bucket has several copies: its preference list passes over more than one border. */
const copiesMovementMax = 1.2;
/** The same for a leave once weights or N have changed: arcs that lie badly cost more to even out. */
const reshapedMovementMax = 1.5;
/**
 * The same where there are zones: a copy whose owner comes to be in the zone of its other replica drives that one out. The
 * largest ratio of all drains from 2 to 8 equal nodes in 2 to 4 zones, N 2 and 3, is 1.191.
 */
const zonedMovementMax = 1.25;
const buckets = 65_536;

const balancedRings = new Set<string>();
const balancedRingsMax = 2000;

/**
 * I21: ownership is balanced and a change moves hardly more than it must. Observes every ring whose members are all
 * normal, and each pair of rings before and after one node has joined or left, computed from the bare tokens.
 */
export class Balance implements Checker {
  readonly id = 'I21';
  readonly #settled = new Map<string, Ring>();
  #newestEpoch = 0;
  /** Some member has had another weight than the others, or N has changed. */
  #reshaped = false;

  stepped(process: SimProcess): void {
    const ring = process.machine?.ring() ?? null;
    if (ring === null || ring.epoch <= this.#newestEpoch) return;
    const { doc } = ring;
    this.#newestEpoch = doc.epoch;
    if (doc.members.some((member) => member.status !== 'normal')) return;
    const before = this.#settled.get(doc.clusterId) ?? null;
    this.#settled.set(doc.clusterId, ring);
    this.#reshaped ||=
      new Set(doc.members.map(({ weight }) => weight)).size > 1 ||
      (before !== null && before.doc.replicas !== doc.replicas);
    this.#check(before?.doc ?? null, doc);
    if (before !== null && doc.members.length === before.doc.members.length - 1)
      this.#checkLeave(before, ring);
  }

  #check(before: RingDoc | null, doc: RingDoc): void {
    const text = canonicalRing(doc);
    if (balancedRings.has(text)) return;
    const owners = ownersByBucket(doc);
    const worst = worstImbalance(doc, owners);
    ensure(
      this.id,
      worst <= imbalanceMax,
      () => `epoch ${doc.epoch}: a node has ${worst.toFixed(3)} times its fair share`,
    );
    if (before !== null && doc.members.length === before.members.length + 1) {
      const moved = movedShare(before, doc) * doc.members.length;
      ensure(
        this.id,
        moved <= movementMax,
        () => `epoch ${doc.epoch}: the join moved ${moved.toFixed(3)} times what it had to`,
      );
    }
    if (balancedRings.size < balancedRingsMax) balancedRings.add(text);
  }

  /** Every copy that the leaving node held goes to one other node, where there is another; hardly any other copy moves. */
  #checkLeave(before: Ring, after: Ring): void {
    const gone = before.doc.members.find(({ nodeId }) => after.member(nodeId) === null)?.nodeId;
    if (gone === undefined) return;
    const must = after.effectiveReplicas < before.effectiveReplicas ? 0 : bucketsIn(before.bucketsOf(gone));
    const moved = copiesGained(before, after);
    ensure(
      this.id,
      moved <= must * this.#movementMax(before),
      () => `epoch ${after.epoch}: ${gone} left, and ${moved} copies of buckets moved where ${must} had to`,
    );
  }

  #movementMax({ doc, effectiveReplicas }: Ring): number {
    if (this.#reshaped) return reshapedMovementMax;
    if (new Set(doc.members.map(({ zone }) => zone)).size > 1) return zonedMovementMax;
    return effectiveReplicas > 1 ? copiesMovementMax : movementMax;
  }
}

/** Copies of buckets that are where they were not before. */
export function copiesGained(before: Ring, after: Ring): number {
  let gained = 0;
  let [from, to, each] = [before.replicasOf(0), after.replicasOf(0), -1];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const [held, holds] = [before.replicasOf(bucket), after.replicasOf(bucket)];
    // Buckets of one arc have one set: their nodes are compared once.
    if (each < 0 || held !== from || holds !== to)
      each = holds.current.filter((node) => !held.current.includes(node)).length;
    [from, to] = [held, holds];
    gained += each;
  }
  return gained;
}

/** Index of the member that owns each bucket: that of the smallest token not below it, wrapping round. */
export function ownersByBucket(doc: RingDoc): Uint16Array {
  const tokens = doc.members.flatMap((member, index) =>
    member.tokens.map((token) => [token, index] as const),
  );
  tokens.sort((a, b) => a[0] - b[0]);
  const owners = new Uint16Array(buckets);
  let at = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    while (at < tokens.length && tokens[at]![0] < bucket) at++;
    owners[bucket] = tokens[at % tokens.length]![1];
  }
  return owners;
}

/** The largest ratio of a member's share to what its weight entitles it to. */
export function worstImbalance(doc: RingDoc, owners: Uint16Array): number {
  const counts = new Array<number>(doc.members.length).fill(0);
  for (const owner of owners) counts[owner] = counts[owner]! + 1;
  const weight = doc.members.reduce((sum, member) => sum + member.weight, 0);
  return Math.max(
    ...doc.members.map((member, index) => counts[index]! / ((buckets * member.weight) / weight)),
  );
}

/** Share of the buckets whose owner is another node now. */
export function movedShare(before: RingDoc, after: RingDoc): number {
  const from = ownersByBucket(before);
  const to = ownersByBucket(after);
  let moved = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    if (before.members[from[bucket]!]!.nodeId !== after.members[to[bucket]!]!.nodeId) moved++;
  }
  return moved / buckets;
}
