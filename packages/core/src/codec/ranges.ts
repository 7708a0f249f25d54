import { assert } from '../base/assert.ts';
import { type BucketRange, bucketCount } from '../ring/bucket-range.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

/** Writes ascending ranges, at least one: each as the buckets passed over before it and its length less one. */
export function writeRanges(writer: ByteWriter, ranges: readonly BucketRange[]): void {
  assert(ranges.length > 0, 'there is a range');
  writer.varint(ranges.length);
  let past = 0;
  for (const { from, to } of ranges) {
    writer.varint(from - past);
    writer.varint(to - from);
    past = to + 1;
  }
}

/** Reads ranges that ascend by the way they are written; fails on none, on more than `countMax`, and behind the last bucket. */
export function readRanges(reader: ByteReader, countMax: number): BucketRange[] {
  const count = reader.count(2);
  const ranges: BucketRange[] = [];
  let past = 0;
  for (let i = 0; i < count && reader.failure === null; i++) {
    const from = past + reader.varint();
    const to = from + reader.varint();
    ranges.push({ from, to });
    past = to + 1;
  }
  if (count === 0 || count > countMax || past > bucketCount) reader.fail('malformed');
  return ranges;
}
