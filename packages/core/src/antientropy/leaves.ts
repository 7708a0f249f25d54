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

/**
 * One 64-bit hash for each bucket: the exclusive or of the hashes of its records. It changes with a record by
 * two such operations, whatever else the bucket holds, and does not depend on the order of writes. A record's hash
 * tells its bucket, so sums over several buckets are sound as well: the tree above the leaves is worked out when asked.
 */
export class Leaves {
  readonly #low = new Uint32Array(bucketCount);
  readonly #high = new Uint32Array(bucketCount);
  /** The sums of whole groups, low and high in turn: kept, because most of what two nodes share are whole groups. */
  readonly #groups = new Uint32Array(2 * groupCount);
  /** Changes so far, and how many there were when each group changed last. */
  #changes = 0;
  readonly #changedAt = new Float64Array(groupCount);
  /** What was summed up for each list of ranges that was asked about, by identity. */
  readonly #known = new WeakMap<readonly BucketRange[], Sums>();

  /** Adds a record's hash to its bucket, or takes it out: both are the same. */
  toggle(bucket: Bucket, { low, high }: SipTag): void {
    const group = Math.floor(bucket / groupSize);
    this.#low[bucket]! ^= low;
    this.#high[bucket]! ^= high;
    this.#groups[2 * group]! ^= low;
    this.#groups[2 * group + 1]! ^= high;
    this.#changedAt[group] = ++this.#changes;
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
    const at = 2 * Math.floor(from / groupSize);
    const isWhole = to - from === groupSize - 1;
    let low = isWhole ? this.#groups[at]! : 0;
    let high = isWhole ? this.#groups[at + 1]! : 0;
    for (let bucket = from; !isWhole && bucket <= to; bucket++) {
      low ^= this.#low[bucket]!;
      high ^= this.#high[bucket]!;
    }
    sums[at]! ^= low;
    sums[at + 1]! ^= high;
  }

  /** The leaves of one group, those outside `ranges` as 0: 256 hashes. */
  group(group: number, ranges: readonly BucketRange[]): Uint8Array {
    const first = group * groupSize;
    const leaves = new Uint32Array(2 * groupSize);
    for (const { from, to } of ranges) {
      const end = Math.min(to, first + groupSize - 1);
      for (let bucket = Math.max(from, first); bucket <= end; bucket++) {
        leaves[2 * (bucket - first)] = this.#low[bucket]!;
        leaves[2 * (bucket - first) + 1] = this.#high[bucket]!;
      }
    }
    return toBytes(leaves);
  }

  /** Buckets in which this and `other` differ, in groups whose sums do. */
  differences(other: Leaves): number {
    let count = 0;
    for (let group = 0; group < groupCount; group++) {
      const at = 2 * group;
      // Leaves that differ and sum up to the same have kept a difference from nobody.
      if (this.#groups[at] === other.#groups[at] && this.#groups[at + 1] === other.#groups[at + 1]) continue;
      for (let bucket = group * groupSize; bucket < (group + 1) * groupSize; bucket++)
        if (this.#low[bucket] !== other.#low[bucket] || this.#high[bucket] !== other.#high[bucket]) count++;
    }
    return count;
  }
}

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
