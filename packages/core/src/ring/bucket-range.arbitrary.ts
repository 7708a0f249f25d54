import fc from 'fast-check';
import type { BucketRange } from './bucket-range.ts';

/** 1 to `countMax` ascending ranges. */
export function anyRanges(countMax: number): fc.Arbitrary<BucketRange[]> {
  const edges = fc.uniqueArray(fc.nat(65_535), { minLength: 2, maxLength: 2 * countMax, size: 'max' });
  return edges.map((drawn) => {
    const sorted = drawn.sort((a, b) => a - b);
    return Array.from({ length: Math.floor(sorted.length / 2) }, (_, i) => ({
      from: sorted[2 * i]!,
      to: sorted[2 * i + 1]!,
    }));
  });
}
