import type { Bucket } from '../base/ids.ts';
import { compareUtf8 } from '../base/utf8.ts';
import type { BucketRange } from '../ring/bucket-range.ts';
import { bucketStart } from '../ring/rows.ts';
import type { Disk, ScanPage } from '../storage/disk.ts';

/** Some of the rows that lie in the ranges asked about. */
export interface RangesPage {
  readonly rows: ScanPage['rows'];
  /** Where to go on: pass as `after`. Null when nothing is left. */
  readonly next: string | null;
}

export interface PageSize {
  readonly rowsMax: number;
  readonly bytesMax: number;
}

/**
 * The next page of the records in the ranges (ascending, at least one) that lie behind the row `after`. A node's part of a
 * ring is hundreds of ranges, most of which may be empty: so before a range is read a single row is looked up, the next
 * one that is stored at all, and ranges that end before it are passed over.
 */
export function scanRanges(
  disk: Disk,
  ranges: readonly BucketRange[],
  after: string,
  size: PageSize,
  then: (page: RangesPage) => void,
): void {
  const end = bucketStart(ranges.at(-1)!.to + 1);
  const read = ({ to }: BucketRange, start: string) =>
    disk.scan({ after: start, until: bucketStart(to + 1), ...size }, ({ rows, done }) => {
      const beyond = rangeFrom(ranges, to + 1);
      const next = done ? beyond && bucketStart(beyond.from) : rows.at(-1)![0];
      then({ rows, next });
    });
  const seek = (start: string) =>
    disk.scan({ after: start, until: end, rowsMax: 1, bytesMax: size.bytesMax }, ({ rows }) => {
      const row = rows[0]?.[0];
      const range = row === undefined ? null : rangeFrom(ranges, bucketOf(row));
      if (row === undefined || range === null) return then({ rows: [], next: null });
      if (bucketOf(row) < range.from) seek(bucketStart(range.from));
      else read(range, later(start, bucketStart(range.from)));
    });
  const range = compareUtf8(after, end) < 0 ? rangeFrom(ranges, bucketOf(after)) : null;
  if (range === null) return then({ rows: [], next: null });
  const start = later(after, bucketStart(range.from));
  // What follows a row that was read in this range is read on; at the beginning of one nobody knows what lies there.
  if (start === bucketStart(range.from)) seek(start);
  else read(range, start);
}

/** The first of the ranges that ends at the bucket or behind it. */
function rangeFrom(ranges: readonly BucketRange[], bucket: Bucket): BucketRange | null {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[middle]!.to < bucket) low = middle + 1;
    else high = middle;
  }
  return ranges[low] ?? null;
}

/** The bucket of a record's row, or of what `bucketStart` gives. */
function bucketOf(row: string): Bucket {
  return Number.parseInt(row.slice(2, 6), 16);
}

function later(a: string, b: string): string {
  return compareUtf8(a, b) < 0 ? b : a;
}
