import { assert } from '../base/assert.ts';
import type { Bucket } from '../base/ids.ts';
import { bucketCount } from './bucket-range.ts';
import { Circle, type Placed } from './circle.ts';
import { preferenceList, type Spread, spreadOver } from './preference-list.ts';

/** What allocation needs to know of a node. */
export interface TokenOwner {
  readonly zone: string;
  readonly weight: number;
  readonly tokens: readonly Bucket[];
}

/** Tokens of a node of weight 1; a node of weight w has w times as many. */
export const tokensPerWeight = 150;

const A = Number((globalThis as any).process?.env.A ?? 1);
/** Arcs tried for each token, so that a join is planned in well under 50 ms. */
const candidatesMax = Number((globalThis as any).process?.env.K ?? 48);

/** Tokens of the first node of a ring, ascending: evenly spread. */
export function firstTokens(weight: number): Bucket[] {
  const count = tokensPerWeight * weight;
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 1) * bucketCount) / count) - 1);
}

/**
 * Tokens for a node that joins, ascending. They are taken one by one from whoever is heaviest for its weight then, each
 * as the first part of one of its arcs, and of those arcs the one that leaves the replicas (N of them per bucket)
 * most evenly spread. So both the arcs a node owns and the replicas it holds stay in proportion to weights, and a
 * join moves hardly more than the joiner's share. A function of its arguments alone.
 */
export function allocateTokens(
  members: readonly TokenOwner[],
  joiner: { readonly zone: string; readonly weight: number },
  replicas: number,
): Bucket[] {
  const allocation = new Allocation(members, joiner, replicas);
  const count = tokensPerWeight * joiner.weight;
  const tokens: Bucket[] = [];
  for (let left = count; left > 0; left--) tokens.push(allocation.place(left));
  return tokens.sort((a, b) => a - b);
}

/** The effect on replicas of one more vnode of the joiner. */
interface Shift {
  readonly end: Bucket;
  readonly buckets: number;
  /** Buckets of which the joiner becomes a replica. */
  gained: number;
  /** By node: buckets of which it is a replica no more. */
  readonly lost: Map<number, number>;
}

class Allocation {
  readonly #circle: Circle;
  readonly #spread: Spread;
  readonly #weights: readonly number[];
  readonly #joiner: number;
  /** Per node, the tokens its arcs end at. */
  readonly #arcs: Bucket[][];
  /** Per node: buckets owned. */
  readonly #owned: number[];
  /** Per node: buckets of which it holds a replica; kept once the joiner has its first token. */
  readonly #held: number[];
  /** Per node: buckets of which it should hold a replica in the end. */
  readonly #fairHeld: readonly number[];
  readonly #fairOwned: number;
  /** Where every node holds everything, replicas need no thought. */
  readonly #uneven: boolean;

  constructor(
    members: readonly TokenOwner[],
    joiner: { readonly zone: string; readonly weight: number },
    replicas: number,
  ) {
    const placed = members.flatMap(({ tokens }, node): Placed[] => tokens.map((token) => ({ token, node })));
    this.#circle = new Circle(placed.sort((a, b) => a.token - b.token));
    const zones = [...members.map((member) => member.zone), joiner.zone];
    this.#spread = spreadOver(zones, () => true, replicas);
    this.#weights = [...members.map((member) => member.weight), joiner.weight];
    this.#joiner = members.length;
    this.#arcs = [...members.map((member) => member.tokens.slice()), []];
    this.#owned = this.#arcs.map((ends) => ends.reduce((sum, end) => sum + this.#circle.length(end), 0));
    this.#held = this.#weights.map(() => 0);
    this.#fairHeld = fairShares(this.#weights, replicas);
    this.#fairOwned = fairShares(this.#weights, 1)[this.#joiner]!;
    this.#uneven = this.#weights.length > replicas;
  }

  /** Gives the joiner one more token, of the `left` it is still to get. */
  place(left: number): Bucket {
    const giver = this.#heaviest();
    const fair = Math.round((this.#fairOwned - this.#owned[this.#joiner]!) / left);
    const ends = this.#candidates(giver, fair, left);
    assert(ends.length > 0, 'there is room for one more token in the ring');
    const counted = this.#uneven && this.#arcs[this.#joiner]!.length > 0;
    let best: Shift | null = null;
    let bestCost = Number.POSITIVE_INFINITY;
    const aim = (this.#fairHeld[this.#joiner]! - this.#held[this.#joiner]!) / left;
    const excess = this.#meanExcess();
    for (const end of ends) {
      const buckets = Math.min(Math.max(fair, 1), this.#circle.length(end) - 1);
      if (!counted) {
        best = { end, buckets, gained: 0, lost: new Map() };
        break;
      }
      const shift = this.#shift(end, buckets);
      const cost = this.#cost(shift, aim, excess);
      if (cost < bestCost) {
        best = shift;
        bestCost = cost;
      }
    }
    return this.#take(giver, best!, counted);
  }

  #heaviest(): number {
    let heaviest = 0;
    for (let node = 1; node < this.#joiner; node++) {
      if (this.#load(node) > this.#load(heaviest)) heaviest = node;
    }
    return heaviest;
  }

  #load(node: number): number {
    return this.#owned[node]! / this.#weights[node]!;
  }

  #candidates(giver: number, fair: number, left: number): Bucket[] {
    const env = (globalThis as any).process.env;
    let ends = this.#arcs[giver]!.filter((end) => this.#circle.length(end) > 1);
    const tries = Math.max(2, Math.floor((env.BUD ?? 4800) / (150 * this.#weights[this.#joiner]!)));
    if (env.MODE === 'sort') ends.sort((a, b) => this.#circle.length(b) - this.#circle.length(a) || a - b);
    if (env.MODE === 'half') {
      ends.sort((a, b) => this.#circle.length(b) - this.#circle.length(a) || a - b);
      ends = ends.slice(0, Math.max(tries, ends.length >> 1));
    }
    const step = Math.ceil(ends.length / tries);
    return ends.filter((_, i) => i % step === (env.ROT ? left % step : 0));
  }

  #shift(end: Bucket, buckets: number): Shift {
    const circle = this.#circle;
    const shift: Shift = { end, buckets, gained: 0, lost: new Map() };
    const token = circle.split(end, buckets, this.#joiner);
    let arc = token;
    do {
      const after = preferenceList(circle, arc, this.#spread);
      if (!after.includes(this.#joiner)) break;
      const length = circle.length(arc);
      const out = this.#pushedOut(arc, token, end, after);
      shift.gained += length;
      shift.lost.set(out, (shift.lost.get(out) ?? 0) + length);
      arc = circle.previous(arc);
    } while (arc !== token && circle.nodeAt(arc) !== this.#joiner);
    circle.remove(token);
    return shift;
  }

  readonly #lists = new Map<Bucket, number[]>();

  #pushedOut(arc: Bucket, token: Bucket, end: Bucket, after: readonly number[]): number {
    const before = this.#lists.get(arc === token ? end : arc)!;
    return before.find((node) => !after.includes(node)) ?? this.#joiner;
  }

  #meanExcess(): number {
    let sum = 0;
    for (let node = 0; node < this.#joiner; node++) sum += this.#held[node]! - this.#fairHeld[node]!;
    return sum / this.#joiner;
  }

  #cost(shift: Shift, aim: number, excess: number): number {
    let cost = (shift.gained > aim ? A : 1) * (shift.gained - aim) ** 2;
    for (const [node, buckets] of shift.lost) {
      cost += buckets * (buckets - 2 * (this.#held[node]! - this.#fairHeld[node]! - excess));
    }
    return cost;
  }

  #take(giver: number, shift: Shift, counted: boolean): Bucket {
    const token = this.#circle.split(shift.end, shift.buckets, this.#joiner);
    this.#owned[giver]! -= shift.buckets;
    this.#owned[this.#joiner]! += shift.buckets;
    this.#arcs[this.#joiner]!.push(token);
    if (!this.#uneven) return token;
    if (!counted) {
      for (const arcs of this.#arcs)
        for (const end of arcs) {
          const l = preferenceList(this.#circle, end, this.#spread);
          this.#lists.set(end, l);
          for (const n of l) this.#held[n]! += this.#circle.length(end);
        }
      return token;
    }
    for (let arc = token; ; arc = this.#circle.previous(arc)) {
      const l = preferenceList(this.#circle, arc, this.#spread);
      this.#lists.set(arc, l);
      if (!l.includes(this.#joiner) || (arc !== token && this.#circle.nodeAt(arc) === this.#joiner)) break;
    }
    this.#held[this.#joiner]! += shift.gained;
    for (const [n, l] of shift.lost) this.#held[n]! -= l;
    return token;
  }
}

/** Buckets each node should hold when each bucket has `replicas`, in proportion to weight; none can hold one twice. */
export function fairShares(weights: readonly number[], replicas: number): number[] {
  const shares = weights.map(() => 0);
  let open = weights.map((_, node) => node);
  let rest = Math.min(replicas, weights.length) * bucketCount;
  while (open.length > 0) {
    const total = open.reduce((sum, node) => sum + weights[node]!, 0);
    const perWeight = rest / total;
    const full = open.filter((node) => weights[node]! * perWeight >= bucketCount);
    if (full.length === 0) {
      for (const node of open) shares[node] = weights[node]! * perWeight;
      break;
    }
    for (const node of full) shares[node] = bucketCount;
    rest -= full.length * bucketCount;
    open = open.filter((node) => !full.includes(node));
  }
  return shares;
}
