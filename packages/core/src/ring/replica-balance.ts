import type { Bucket } from '../base/ids.ts';
import { bucketCount } from './bucket-range.ts';
import type { Circle } from './circle.ts';
import { blankList, preferenceList, type Spread } from './preference-list.ts';

/**
 * A joiner that gets more than its share costs time and disk at once, while one that gets too little is made up for
 * by the next joins: so the first counts this much more. Chosen by measurement, with `weights` from 1 to 4.
 */
const overshootFactor = 64;

/**
 * Keeps count of who holds how many replicas while tokens of a joining node are placed, and foresees what one more
 * would change. The joiner is the last node. Where it has no vnode yet, or will hold everything in any case
 * (`indifferent`), all places are equal.
 *
 * Thousands of places are tried for one plan, so trying one allocates nothing: what it would change is added up in
 * fields.
 */
export class ReplicaBalance {
  readonly #circle: Circle;
  readonly #spread: Spread;
  readonly #joiner: number;
  /** Per node: buckets of which it should hold a replica in the end. */
  readonly #fair: readonly number[];
  /** Per node: buckets of which it holds a replica now. */
  readonly #held: number[];
  /** Per node: how much it can spare, see `#countSpare`. */
  readonly #spare: number[];
  /** By token, the preference list of the arc, each as long as `#list`; none until the joiner has its first vnode. */
  readonly #lists: Uint16Array;
  readonly #indifferent: boolean;
  #hasLists = false;

  /** Of the place tried last: buckets of which the joiner would become a replica, */
  #gained = 0;
  /** the arcs they lie in, */
  readonly #arcs: Bucket[] = [];
  /** the nodes that would hold less, and by node how many buckets less. */
  readonly #losers: number[] = [];
  readonly #lost: number[];
  /** The list looked at last. */
  readonly #list: number[];

  constructor(
    circle: Circle,
    spread: Spread,
    weights: readonly number[],
    replicas: number,
    indifferent: boolean,
  ) {
    this.#circle = circle;
    this.#spread = spread;
    this.#joiner = weights.length - 1;
    this.#fair = fairShares(weights, replicas);
    this.#held = weights.map(() => 0);
    this.#spare = weights.map(() => 0);
    this.#lost = weights.map(() => 0);
    this.#indifferent = indifferent;
    this.#list = blankList(spread);
    this.#lists = new Uint16Array(this.#indifferent ? 0 : bucketCount * this.#list.length);
  }

  /** The joiner will hold everything, wherever its vnodes lie: all places cost the same. */
  get indifferent(): boolean {
    return this.#indifferent;
  }

  /**
   * How much worse the balance would be with a vnode of the joiner on the first `buckets` of the arc that ends at `end`,
   * in squared buckets: distance from the even pace at which the joiner should gain with `left` tokens to go, and what
   * it takes from nodes that hold less than others do.
   */
  cost(end: Bucket, buckets: number, left: number): number {
    const token = this.#circle.split(end, buckets, this.#joiner);
    this.#foresee(token, end);
    this.#circle.remove(token);
    const pace = (this.#fair[this.#joiner]! - this.#held[this.#joiner]!) / left;
    const off = (this.#gained - pace) ** 2;
    let cost = this.#gained > pace ? overshootFactor * off : off;
    for (const node of this.#losers) cost += this.#lost[node]! * (this.#lost[node]! - 2 * this.#spare[node]!);
    return cost;
  }

  /** The joiner has a new vnode: it ends at `token`, and was the front of the arc that ends at `end`. */
  settle(token: Bucket, end: Bucket): void {
    if (this.#indifferent) return;
    if (this.#hasLists) this.#countNew(token, end);
    else this.#countAll(token);
    this.#countSpare();
  }

  /**
   * Adds up what the joiner's vnode at `token` changes. Visits the arcs, counterclockwise from there, whose lists that
   * vnode brings the joiner into: up to the first it does not reach, or to the joiner's vnode before it, which reaches
   * those beyond.
   */
  #foresee(token: Bucket, end: Bucket): void {
    for (const node of this.#losers) this.#lost[node] = 0;
    this.#losers.length = 0;
    this.#arcs.length = 0;
    this.#gained = 0;
    if (!this.#hasLists) return;
    let arc = token;
    do {
      const list = preferenceList(this.#circle, arc, this.#spread, this.#list);
      if (!holds(list, this.#joiner)) return;
      this.#arcs.push(arc);
      const out = this.#pushedOut(arc === token ? end : arc, list);
      if (out >= 0) this.#add(out, this.#circle.length(arc));
      arc = this.#circle.previous(arc);
    } while (this.#circle.nodeAt(arc) !== this.#joiner);
  }

  /** Who was in the arc's list and is not in the new one; −1 where the joiner was in it already, by its next vnode. */
  #pushedOut(arc: Bucket, list: readonly number[]): number {
    const first = arc * this.#list.length;
    for (let at = first; at < first + list.length; at++)
      if (!holds(list, this.#lists[at]!)) return this.#lists[at]!;
    return -1;
  }

  #add(loser: number, buckets: number): void {
    this.#gained += buckets;
    if (this.#lost[loser] === 0) this.#losers.push(loser);
    this.#lost[loser]! += buckets;
  }

  #countNew(token: Bucket, end: Bucket): void {
    this.#foresee(token, end);
    this.#held[this.#joiner]! += this.#gained;
    for (const node of this.#losers) this.#held[node]! -= this.#lost[node]!;
    for (const arc of this.#arcs) this.#keepList(arc);
  }

  #countAll(start: Bucket): void {
    let arc = start;
    do {
      for (const node of this.#keepList(arc)) this.#held[node]! += this.#circle.length(arc);
      arc = this.#circle.next(arc);
    } while (arc !== start);
    this.#hasLists = true;
  }

  #keepList(arc: Bucket): readonly number[] {
    const list = preferenceList(this.#circle, arc, this.#spread, this.#list);
    this.#lists.set(list, arc * this.#list.length);
    return list;
  }

  /** A node can spare by how much its surplus of replicas is above the members' average surplus. */
  #countSpare(): void {
    const surplus = (sum: number, held: number, node: number) => sum + held - this.#fair[node]!;
    const average = this.#held.slice(0, this.#joiner).reduce(surplus, 0) / this.#joiner;
    for (let node = 0; node < this.#joiner; node++)
      this.#spare[node] = surplus(0, this.#held[node]!, node) - average;
  }
}

/** As `includes`, which costs several times as much for lists of three. */
function holds(list: readonly number[], node: number): boolean {
  for (let i = 0; i < list.length; i++) if (list[i] === node) return true;
  return false;
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
