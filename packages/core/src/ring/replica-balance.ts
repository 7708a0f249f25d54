import type { Bucket } from '../base/ids.ts';
import { bucketCount } from './bucket-range.ts';
import type { Circle } from './circle.ts';
import { preferenceList, type Spread } from './preference-list.ts';

/** What one more vnode of the joiner, on the first `buckets` of the arc that ends at `end`, would do to replicas. */
export interface Shift {
  readonly end: Bucket;
  readonly buckets: number;
  /** Buckets of which the joiner would become a replica. */
  readonly gained: number;
  /** By node: buckets of which it would be a replica no more. */
  readonly lost: ReadonlyMap<number, number>;
}

/**
 * A joiner that gets more than its share costs time and disk at once, while one that gets too little is made up for
 * by the next joins: so the first counts this much more. Chosen by measurement, with `weights` from 1 to 4.
 */
const overshootFactor = 64;

/**
 * Keeps count of who holds how many replicas while tokens of a joining node are placed, and foresees what one more
 * would change. The joiner is the last node. Where it has no vnode yet, or every node holds everything, all places
 * are equal.
 */
export class ReplicaBalance {
  readonly #circle: Circle;
  readonly #spread: Spread;
  readonly #joiner: number;
  /** Per node: buckets of which it should hold a replica in the end. */
  readonly #fair: readonly number[];
  /** Per node: buckets of which it holds a replica now. */
  readonly #held: number[];
  /** By token, the preference list of the arc; empty until the joiner has its first vnode. */
  readonly #lists = new Map<Bucket, readonly number[]>();
  readonly #allHoldAll: boolean;

  constructor(circle: Circle, spread: Spread, weights: readonly number[], replicas: number) {
    this.#circle = circle;
    this.#spread = spread;
    this.#joiner = weights.length - 1;
    this.#fair = fairShares(weights, replicas);
    this.#held = weights.map(() => 0);
    this.#allHoldAll = weights.length <= replicas;
  }

  /** Every node will hold everything: all places cost the same. */
  get indifferent(): boolean {
    return this.#allHoldAll;
  }

  /** What a vnode of the joiner there would change; nothing is changed yet. */
  foresee(end: Bucket, buckets: number): Shift {
    const lost = new Map<number, number>();
    if (this.#lists.size === 0) return { end, buckets, gained: 0, lost };
    let gained = 0;
    const token = this.#circle.split(end, buckets, this.#joiner);
    this.#eachNewArc(token, (arc, list) => {
      const before = this.#lists.get(arc === token ? end : arc)!;
      const out = before.find((node) => !list.includes(node));
      // None is pushed out where the joiner held the front of this arc already, by its next vnode.
      if (out === undefined) return;
      const length = this.#circle.length(arc);
      gained += length;
      lost.set(out, (lost.get(out) ?? 0) + length);
    });
    this.#circle.remove(token);
    return { end, buckets, gained, lost };
  }

  /**
   * How much worse the shift makes the balance, in squared buckets: distance from the even pace at which the joiner
   * should gain with `left` tokens to go, and what it takes from nodes that hold less than others do.
   */
  cost(shift: Shift, left: number): number {
    const pace = (this.#fair[this.#joiner]! - this.#held[this.#joiner]!) / left;
    const off = (shift.gained - pace) ** 2;
    let cost = shift.gained > pace ? overshootFactor * off : off;
    for (const [node, buckets] of shift.lost) cost += buckets * (buckets - 2 * this.#relativeExcess(node));
    return cost;
  }

  /** The shift has been made: the joiner's new vnode ends at `token`. */
  settle(token: Bucket, shift: Shift): void {
    if (this.#allHoldAll) return;
    if (this.#lists.size === 0) {
      this.#countAll(token);
      return;
    }
    this.#eachNewArc(token, (arc, list) => this.#lists.set(arc, list));
    this.#held[this.#joiner]! += shift.gained;
    for (const [node, buckets] of shift.lost) this.#held[node]! -= buckets;
  }

  /**
   * Visits the arcs, counterclockwise from the joiner's vnode at `token`, whose lists that vnode brings the joiner
   * into: up to the first it does not reach, or to the joiner's vnode before it, which reaches those beyond.
   */
  #eachNewArc(token: Bucket, visit: (arc: Bucket, list: readonly number[]) => void): void {
    let arc = token;
    do {
      const list = preferenceList(this.#circle, arc, this.#spread);
      if (!list.includes(this.#joiner)) return;
      visit(arc, list);
      arc = this.#circle.previous(arc);
    } while (this.#circle.nodeAt(arc) !== this.#joiner);
  }

  #countAll(start: Bucket): void {
    let arc = start;
    do {
      const list = preferenceList(this.#circle, arc, this.#spread);
      this.#lists.set(arc, list);
      for (const node of list) this.#held[node]! += this.#circle.length(arc);
      arc = this.#circle.next(arc);
    } while (arc !== start);
  }

  /** By how much the node's surplus of replicas is above the members' average surplus: what it can best spare. */
  #relativeExcess(node: number): number {
    const total = this.#held.reduce(
      (sum, held, i) => (i === this.#joiner ? sum : sum + held - this.#fair[i]!),
      0,
    );
    return this.#held[node]! - this.#fair[node]! - total / this.#joiner;
  }
}

/**
 * Buckets each node should hold where each bucket has `replicas`: in proportion to weight, but none can hold more
 * than all, and what it cannot hold falls to the others.
 */
export function fairShares(weights: readonly number[], replicas: number): number[] {
  const shares = weights.map(() => bucketCount);
  let open = weights.map((_, node) => node);
  let rest = replicas * bucketCount;
  for (;;) {
    const perWeight = rest / open.reduce((sum, node) => sum + weights[node]!, 0);
    const below = open.filter((node) => weights[node]! * perWeight < bucketCount);
    if (below.length === open.length || below.length === 0) {
      for (const node of below) shares[node] = weights[node]! * perWeight;
      return shares;
    }
    rest -= (open.length - below.length) * bucketCount;
    open = below;
  }
}
