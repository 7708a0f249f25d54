import type { NodeId } from '../base/ids.ts';
import { appendRange, type BucketRange } from '../ring/bucket-range.ts';
import type { Ring } from '../ring/ring.ts';

/**
 * The buckets that both nodes hold now, ascending. Two nodes compare nothing else: what only one of them holds cannot
 * differ. Arcs on the move are left out, since their new owner is still being filled.
 */
export function sharedBuckets(ring: Ring, a: NodeId, b: NodeId): BucketRange[] {
  const ranges: BucketRange[] = [];
  ring.eachArc((range, { current, pending }) => {
    if (pending === null && current.includes(a) && current.includes(b)) appendRange(ranges, range);
  });
  return ranges;
}

/** Whether a bucket lies in one of the ranges. */
export function contains(ranges: readonly BucketRange[], bucket: number): boolean {
  return ranges.some(({ from, to }) => from <= bucket && bucket <= to);
}
