import type { RingPlanView, RingView } from '@starling/api-types';

/** Who holds which bucket, worked out from the vnodes that a node shows: not with the code that is put to the test. */

export const nodeName = (node: number): string => `node-${node}`;

/** By bucket: the replicas, for a ring of one zone: the first N different nodes clockwise. */
export function holdersByBucket({ vnodes, replicas, nodes, buckets }: RingView): string[][] {
  const owned = vnodes.filter(({ pending }) => !pending);
  const wanted = Math.min(replicas, nodes.filter(({ status }) => status !== 'joining').length);
  const lists = owned.map((_, first) => {
    const list: string[] = [];
    for (let step = 0; list.length < wanted && step < owned.length; step++) {
      const { nodeId } = owned[(first + step) % owned.length]!;
      if (!list.includes(nodeId)) list.push(nodeId);
    }
    return list;
  });
  let at = 0;
  return Array.from({ length: buckets }, (_, bucket) => {
    while (at < owned.length && owned[at]!.token < bucket) at++;
    return lists[at % owned.length]!;
  });
}

/** By node: copies of buckets that it holds afterwards and did not before. */
export function gainsBetween(before: RingView, after: RingView): Map<string, number> {
  const [was, is] = [holdersByBucket(before), holdersByBucket(after)];
  const gains = new Map<string, number>();
  for (const [bucket, holders] of is.entries()) {
    for (const node of holders) if (!was[bucket]!.includes(node)) gains.set(node, (gains.get(node) ?? 0) + 1);
  }
  return gains;
}

export function gainsPlanned({ moves }: Pick<RingPlanView, 'moves'>): Map<string, number> {
  return new Map(moves.filter(({ gains }) => gains > 0).map(({ nodeId, gains }) => [nodeId, gains]));
}

export function sameGains(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([node, gains]) => b.get(node) === gains);
}
