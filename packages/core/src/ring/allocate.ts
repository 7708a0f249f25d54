import { assert } from '../base/assert.ts';
import type { Bucket } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { bucketCount } from './bucket-range.ts';
import { Circle, type Placed } from './circle.ts';
import { lastIsInEvery, spreadOver } from './preference-list.ts';
import { fairShares, ReplicaBalance } from './replica-balance.ts';

/** What allocation needs to know of a member. */
export interface TokenOwner {
  readonly zone: string;
  readonly weight: number;
  readonly tokens: readonly Bucket[];
}

/** Share of the giver's arcs, longest first, that are candidates: splitting the shortest would leave crumbs. */
const longArcs = 0.7;

/** Arcs tried in one plan, over all tokens of the joiner: the bound on the time a plan takes. */
const triesPerPlan = 4800;

/** Tokens of the first node of a ring, ascending: evenly spread. `weight` is 1 or more. */
export function firstTokens(weight: number): Bucket[] {
  const count = limits.ringTokensPerWeight * weight;
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 1) * bucketCount) / count) - 1);
}

/**
 * Tokens for a node that joins, ascending. They are placed one by one: each takes the front of an arc of whoever is
 * heaviest for its weight by then, and of the arcs tried the one that leaves the replicas (`replicas` per bucket)
 * most evenly spread. So arcs owned and replicas held both stay in proportion to weight, and a join moves hardly more
 * than the joiner's share. A function of its arguments alone. The ring must have room for the tokens.
 *
 * (Cassandra's allocator optimises replica ownership too, CASSANDRA-7032; ours splits arcs instead of drawing tokens.)
 */
export function allocateTokens(
  members: readonly TokenOwner[],
  joiner: { readonly zone: string; readonly weight: number },
  replicas: number,
): Bucket[] {
  const allocation = new Allocation(members, joiner, replicas);
  const count = limits.ringTokensPerWeight * joiner.weight;
  const tokens: Bucket[] = [];
  for (let left = count; left > 0; left--) tokens.push(allocation.place(left));
  return tokens.sort((a, b) => a - b);
}

class Allocation {
  readonly #circle: Circle;
  readonly #balance: ReplicaBalance;
  readonly #weights: readonly number[];
  readonly #joiner: number;
  /** Per node the tokens at which its arcs end, longest arc first. */
  readonly #arcs: Bucket[][];
  /** Per node: buckets owned. */
  readonly #owned: number[];
  /** Buckets the joiner should own in the end. */
  readonly #fair: number;
  /** Arcs tried for each token. */
  readonly #tries: number;

  constructor(
    members: readonly TokenOwner[],
    joiner: { readonly zone: string; readonly weight: number },
    replicas: number,
  ) {
    const placed = members.flatMap(({ tokens }, node): Placed[] => tokens.map((token) => ({ token, node })));
    this.#circle = new Circle(placed.sort((a, b) => a.token - b.token));
    this.#weights = [...members, joiner].map((member) => member.weight);
    this.#joiner = members.length;
    this.#arcs = [...members.map((member) => this.#longestFirst(member.tokens)), []];
    this.#owned = this.#arcs.map((ends) => ends.reduce((sum, end) => sum + this.#circle.length(end), 0));
    this.#fair = fairShares(this.#weights, 1)[this.#joiner]!;
    this.#tries = Math.ceil(triesPerPlan / (limits.ringTokensPerWeight * joiner.weight));
    const zones = [...members, joiner].map((member) => member.zone);
    const spread = spreadOver(zones, () => true, replicas);
    const indifferent = lastIsInEvery(zones, replicas);
    this.#balance = new ReplicaBalance(this.#circle, spread, this.#weights, replicas, indifferent);
  }

  /** Gives the joiner one more token, of the `left` it is still to get. */
  place(left: number): Bucket {
    const giver = this.#heaviest();
    const even = Math.round((this.#fair - this.#owned[this.#joiner]!) / left);
    const bucketsOf = (end: Bucket) => Math.min(Math.max(even, 1), this.#circle.length(end) - 1);
    const candidates = this.#candidates(giver, left);
    let best = candidates[0];
    assert(best !== undefined, 'the ring has room for one more token');
    let bestCost = Number.POSITIVE_INFINITY;
    for (const end of this.#balance.indifferent ? [] : candidates) {
      const cost = this.#balance.cost(end, bucketsOf(end), left);
      if (cost >= bestCost) continue;
      best = end;
      bestCost = cost;
    }
    return this.#take(giver, best, bucketsOf(best));
  }

  /** The member that owns most for its weight; the first of equals. */
  #heaviest(): number {
    let heaviest = 0;
    for (let node = 1; node < this.#joiner; node++) {
      const owned = this.#owned[node]! / this.#weights[node]!;
      if (owned > this.#owned[heaviest]! / this.#weights[heaviest]!) heaviest = node;
    }
    return heaviest;
  }

  /** Arcs of all lengths but the shortest, others for each token, so that chance has no part in it. */
  #candidates(giver: number, left: number): Bucket[] {
    const ends = this.#arcs[giver]!;
    const one = ends.findIndex((end) => this.#circle.length(end) === 1);
    const splittable = one < 0 ? ends.length : one;
    const long = Math.min(splittable, Math.max(this.#tries, Math.floor(splittable * longArcs)));
    const step = Math.max(1, Math.ceil(long / this.#tries));
    const candidates: Bucket[] = [];
    for (let i = Math.min(left % step, long - 1); i >= 0 && i < long; i += step) candidates.push(ends[i]!);
    return candidates;
  }

  #take(giver: number, end: Bucket, buckets: number): Bucket {
    const token = this.#circle.split(end, buckets, this.#joiner);
    this.#balance.settle(token, end);
    this.#owned[giver]! -= buckets;
    this.#owned[this.#joiner]! += buckets;
    const ends = this.#arcs[giver]!;
    ends.splice(ends.indexOf(end), 1);
    const length = this.#circle.length(end);
    const place = ends.findIndex((other) => this.#circle.length(other) <= length);
    ends.splice(place < 0 ? ends.length : place, 0, end);
    return token;
  }

  #longestFirst(tokens: readonly Bucket[]): Bucket[] {
    return tokens.slice().sort((a, b) => this.#circle.length(b) - this.#circle.length(a) || a - b);
  }
}
