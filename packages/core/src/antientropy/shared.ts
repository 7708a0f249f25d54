import type { NodeId } from '../base/ids.ts';
import { appendRange, type BucketRange } from '../ring/bucket-range.ts';
import type { Ring } from '../ring/ring.ts';

/**
 * By node: the buckets that it and this one hold now, ascending. Two nodes compare nothing else: what only one of them
 * holds cannot differ. Arcs on the move are left out, since their new owner is still being filled.
 */
export function sharedBuckets(ring: Ring, self: NodeId): ReadonlyMap<NodeId, readonly BucketRange[]> {
  const shared = new Map(ring.owners.map((node): [NodeId, BucketRange[]] => [node, []]));
  shared.delete(self);
  ring.eachArc((range, { current, pending }) => {
    if (pending !== null || !current.includes(self)) return;
    for (const node of current) if (node !== self) appendRange(shared.get(node)!, range);
  });
  return shared;
}

/** Whether a bucket lies in one of the ranges. */
export function contains(ranges: readonly BucketRange[], bucket: number): boolean {
  return ranges.some(({ from, to }) => from <= bucket && bucket <= to);
}
