import type { Bucket } from '../base/ids.ts';

/** Slices the key space is cut into: a bucket is the top 16 bits of a key's hash. */
export const bucketCount = 65_536;

/** The buckets `from` to `to`, both included; `from <= to`, so a range never wraps round the end of the key space. */
export interface BucketRange {
  readonly from: Bucket;
  readonly to: Bucket;
}

/** Number of buckets in the ranges. */
export function bucketsIn(ranges: readonly BucketRange[]): number {
  let count = 0;
  for (const range of ranges) count += range.to - range.from + 1;
  return count;
}

/** Appends a range that lies after all others, as one with the last where they touch. */
export function appendRange(ranges: BucketRange[], range: BucketRange): void {
  const last = ranges.at(-1);
  if (last !== undefined && last.to + 1 === range.from) {
    ranges[ranges.length - 1] = { from: last.from, to: range.to };
  } else {
    ranges.push(range);
  }
}
