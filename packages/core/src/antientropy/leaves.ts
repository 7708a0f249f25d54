import type { Bucket } from '../base/ids.ts';
import { type BucketRange, bucketCount } from '../ring/bucket-range.ts';
import type { SipTag } from '../ring/siphash.ts';

/** Leaves below one node of the tree's upper level: 16 by 16, so a tree over all buckets has two levels of 256. */
export const groupSize = 256;
export const groupCount = bucketCount / groupSize;
/** Bytes of one hash on the wire. */
export const hashBytes = 8;

/** The hashes of some ranges summed up: by group, low and high in turn, and in all. */
interface Sums {
  readonly groups: Uint32Array;
  readonly root: SipTag;
  /** How many changes it contains. */
  readonly at: number;
}

/** What a row of buckets holds. */
export interface Span {
  readonly hash: SipTag;
  readonly records: number;
}

/**
 * One 64-bit hash for each bucket: the exclusive or of the hashes of its records. It changes with a record by
 * two such operations, whatever else the bucket holds, and does not depend on the order of writes. A record's hash
 * tells its bucket, so sums over several buckets are sound as well: the tree above the leaves is worked out when asked.
 */
export class Leaves {
  /** By group: its leaves, low and high in turn. Made when there is a record in it: a small store touches few. */
  readonly #leaves: (Uint32Array | undefined)[] = [];
  /** The sums of whole groups, low and high in turn: kept, because most of what two nodes share are whole groups. */
  readonly #groups = new Uint32Array(2 * groupCount);
  /** By group: how many records each of its buckets has. */
  readonly #records: (Int32Array | undefined)[] = [];
  /** Changes so far, and how many there were when each group changed last. */
  #changes = 0;
  readonly #changedAt = new Float64Array(groupCount);
  /** What was summed up for each list of ranges that was asked about, by identity. */
  readonly #known = new WeakMap<readonly BucketRange[], Sums>();

  /** Adds a record's hash to its bucket, or takes it out: both are the same. So many `records` more are there then. */
  toggle(bucket: Bucket, { low, high }: SipTag, records: -1 | 0 | 1 = 0): void {
    const group = Math.floor(bucket / groupSize);
    const at = 2 * (bucket % groupSize);
    this.#leaves[group] ??= new Uint32Array(2 * groupSize);
    this.#leaves[group][at]! ^= low;
    this.#leaves[group][at + 1]! ^= high;
    this.#groups[2 * group]! ^= low;
    this.#groups[2 * group + 1]! ^= high;
    this.#changedAt[group] = ++this.#changes;
    if (records !== 0) this.#recordsOf(group)[bucket % groupSize]! += records;
  }

  /** Makes one bucket what it is in `other`. */
  copy(bucket: Bucket, other: Leaves): void {
    const [mine, theirs] = [this.span(bucket, bucket), other.span(bucket, bucket)];
    this.toggle(bucket, sumOf(mine.hash, theirs.hash), 0);
    this.#recordsOf(Math.floor(bucket / groupSize))[bucket % groupSize] = theirs.records;
  }

  /** The hash over the buckets `from` to `to`, both included, and how many records are in them. */
  span(from: Bucket, to: Bucket): Span {
    const sums = new Uint32Array(2 * groupCount);
    this.#addChanged(sums, { from, to }, -1);
    let records = 0;
    for (let bucket = from; bucket <= to; bucket++)
      records += this.#records[Math.floor(bucket / groupSize)]?.[bucket % groupSize] ?? 0;
    return { hash: rootOf(sums), records };
  }

  /** The sum over all buckets of `ranges`, a list that does not change. */
  root(ranges: readonly BucketRange[]): SipTag {
    return this.#sums(ranges).root;
  }

  /** The sum of each group of 256 buckets, as far as `ranges` go: 256 hashes. */
  groups(ranges: readonly BucketRange[]): Uint8Array {
    return toBytes(this.#sums(ranges).groups);
  }

  /** A node compares what it shares with a peer again and again: only groups that have changed are summed up anew. */
  #sums(ranges: readonly BucketRange[]): Sums {
    const known = this.#known.get(ranges);
    if (known?.at === this.#changes) return known;
    const groups = known?.groups ?? new Uint32Array(2 * groupCount);
    const since = known?.at ?? 0;
    for (let group = 0; group < groupCount; group++)
      if (this.#changedAt[group]! > since) groups.fill(0, 2 * group, 2 * group + 2);
    for (const range of ranges) this.#addChanged(groups, range, since);
    const sums = { groups, root: rootOf(groups), at: this.#changes };
    this.#known.set(ranges, sums);
    return sums;
  }

  #addChanged(sums: Uint32Array, { from, to }: BucketRange, since: number): void {
    for (let bucket = from; bucket <= to; ) {
      const group = Math.floor(bucket / groupSize);
      const end = Math.min(to, (group + 1) * groupSize - 1);
      if (this.#changedAt[group]! > since) this.#add(sums, bucket, end);
      bucket = end + 1;
    }
  }

  /** Adds the leaves `from` to `to`, all of one group, to its sum. */
  #add(sums: Uint32Array, from: Bucket, to: Bucket): void {
    const group = Math.floor(from / groupSize);
    const isWhole = to - from === groupSize - 1;
    let low = isWhole ? this.#groups[2 * group]! : 0;
    let high = isWhole ? this.#groups[2 * group + 1]! : 0;
    const leaves = this.#leavesOf(group);
    const end = 2 * (to % groupSize);
    for (let at = 2 * (from % groupSize); !isWhole && at <= end; at += 2) {
      low ^= leaves[at]!;
      high ^= leaves[at + 1]!;
    }
    sums[2 * group]! ^= low;
    sums[2 * group + 1]! ^= high;
  }

  /** The leaves of one group, those outside `ranges` as 0: 256 hashes. */
  group(group: number, ranges: readonly BucketRange[]): Uint8Array {
    const first = group * groupSize;
    const leaves = new Uint32Array(2 * groupSize);
    for (const { from, to } of ranges) {
      const start = 2 * (Math.max(from, first) - first);
      const end = 2 * (Math.min(to, first + groupSize - 1) - first + 1);
      if (start < end) leaves.set(this.#leavesOf(group).subarray(start, end), start);
    }
    return toBytes(leaves);
  }

  /** Buckets in which this and `other` differ, in groups whose sums do. */
  differences(other: Leaves): number {
    let count = 0;
    for (let group = 0; group < groupCount; group++) {
      const sum = 2 * group;
      // Leaves that differ and sum up to the same have kept a difference from nobody.
      if (this.#groups[sum] === other.#groups[sum] && this.#groups[sum + 1] === other.#groups[sum + 1])
        continue;
      const [mine, theirs] = [this.#leavesOf(group), other.#leavesOf(group)];
      for (let at = 0; at < mine.length; at += 2)
        if (mine[at] !== theirs[at] || mine[at + 1] !== theirs[at + 1]) count++;
    }
    return count;
  }

  #leavesOf(group: number): Uint32Array {
    return this.#leaves[group] ?? noLeaves;
  }

  #recordsOf(group: number): Int32Array {
    this.#records[group] ??= new Int32Array(groupSize);
    return this.#records[group];
  }
}

/** Those of a group without records. */
const noLeaves = new Uint32Array(2 * groupSize);

/** Places at which two lists of hashes differ, ascending; null if they are not of the same length. */
export function differingHashes(a: Uint8Array, b: Uint8Array): number[] | null {
  if (a.length !== b.length) return null;
  const places: number[] = [];
  for (let at = 0; at < a.length; at += hashBytes) {
    let i = 0;
    while (i < hashBytes && a[at + i] === b[at + i]) i++;
    if (i < hashBytes) places.push(at / hashBytes);
  }
  return places;
}

/** The sum of two hashes; also what is left of one when the other is taken out. */
export function sumOf(a: SipTag, b: SipTag): SipTag {
  return { low: (a.low ^ b.low) >>> 0, high: (a.high ^ b.high) >>> 0 };
}

function rootOf(groups: Uint32Array): SipTag {
  let low = 0;
  let high = 0;
  for (let at = 0; at < groups.length; at += 2) {
    low ^= groups[at]!;
    high ^= groups[at + 1]!;
  }
  return { low: low >>> 0, high: high >>> 0 };
}

function toBytes(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    bytes[4 * i] = word;
    bytes[4 * i + 1] = word >>> 8;
    bytes[4 * i + 2] = word >>> 16;
    bytes[4 * i + 3] = word >>> 24;
  }
  return bytes;
}
