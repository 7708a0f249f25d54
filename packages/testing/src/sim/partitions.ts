/** Shapes of network failure, as the sets of directed links they cut (Jepsen's nemeses, FoundationDB's swizzle). */
import type { Prng } from './prng.ts';

/** A directed link: from, to. */
export type Cut = readonly [from: number, to: number];

export const partitionShapes = ['split', 'isolate', 'bridge', 'oneWay', 'oneWayPair', 'ring'] as const;
export type PartitionShape = (typeof partitionShapes)[number];

/** Draws one partition of the given shape among `nodes` (their endpoint numbers; two or more). */
export function drawPartition(random: Prng, shape: PartitionShape, nodes: readonly number[]): Cut[] {
  const order = random.shuffled(nodes);
  switch (shape) {
    case 'split':
      return between(order.slice(0, 1 + random.below(order.length - 1)), order);
    case 'isolate':
      return between(order.slice(0, 1), order);
    case 'bridge':
      return bridge(order);
    case 'oneWay':
      return oneWay(order, random.chance(0.5));
    case 'oneWayPair':
      return [[order[0]!, order[1]!]];
    case 'ring':
      return nonTransitive(order);
  }
}

/** Both directions between the members of `side` and everyone else. */
export function between(side: readonly number[], all: readonly number[]): Cut[] {
  const cuts: Cut[] = [];
  for (const a of side) {
    for (const b of all) if (!side.includes(b)) cuts.push([a, b], [b, a]);
  }
  return cuts;
}

/** One node that is heard but hears nothing, or hears but is not heard. */
function oneWay(order: readonly number[], deaf: boolean): Cut[] {
  const [node, ...others] = order;
  return others.map((other) => (deaf ? [other, node!] : [node!, other]));
}

/** Two halves that both see one node in the middle, and not each other. */
function bridge(order: readonly number[]): Cut[] {
  const [, ...rest] = order;
  if (rest.length < 2) return between(order.slice(0, 1), order);
  return between(rest.slice(0, rest.length >> 1), rest);
}

/** Each node sees only its two neighbours on a circle. */
function nonTransitive(order: readonly number[]): Cut[] {
  const cuts: Cut[] = [];
  order.forEach((a, i) => {
    order.forEach((b, j) => {
      const distance = Math.min(Math.abs(i - j), order.length - Math.abs(i - j));
      if (distance > 1) cuts.push([a, b]);
    });
  });
  return cuts.length > 0 ? cuts : between(order.slice(0, 1), order);
}
