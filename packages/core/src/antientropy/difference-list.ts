import type { Bucket } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { compareUtf8 } from '../base/utf8.ts';
import type { VersionVector } from '../causality/record.ts';
import type { BucketRange } from '../ring/bucket-range.ts';
import type { KeyRef } from '../ring/key.ts';
import { bucketOfRow, bucketStart } from '../ring/rows.ts';
import { type Difference, type ListingHost, listBucket } from './bucket-listing.ts';
import { type BreakReason, Descent, type SharedBuckets } from './descent.ts';

/** What two nodes have seen of one key; null where none, or nothing that can be read, is held. */
export interface Versions {
  readonly here: VersionVector | null;
  readonly there: VersionVector | null;
  /** Both hold the same by now: what differed was on its way. */
  readonly same: boolean;
}

export interface DifferenceHost extends ListingHost {
  /** Reads the records of both. */
  versions(difference: Difference, shared: SharedBuckets, then: (versions: Versions) => void): void;
}

/** Which part of the differences is asked for. */
export interface DifferencePage {
  readonly range: BucketRange;
  /** Row to go on behind; empty for the beginning. */
  readonly after: string;
  /** Keys on the page. */
  readonly limit: number;
}

export interface KeyDifference {
  readonly ref: KeyRef;
  readonly here: VersionVector | null;
  readonly there: VersionVector | null;
}

export type DifferencesFound =
  | {
      /** Of the range: how many buckets both hold, and how many of those differed when the page was asked for. */
      readonly sharedBuckets: number;
      readonly buckets: number;
      /** Ascending by row. */
      readonly keys: readonly KeyDifference[];
      /** Row behind which the next page begins; null if nothing more differs. */
      readonly next: string | null;
    }
  | { readonly brokenOff: BreakReason | 'unreachable' };

/**
 * Lists what a node and a peer hold differently, for somebody who looks: nothing is repaired. Each page goes down the trees
 * anew and through at most `limits.differingBucketsMax` buckets, so none keeps anything between two pages.
 */
export class DifferenceList {
  readonly #host: DifferenceHost;
  readonly #shared: SharedBuckets;
  readonly #page: DifferencePage;
  readonly #then: (found: DifferencesFound) => void;
  readonly #keys: KeyDifference[] = [];
  #buckets: readonly Bucket[] = [];
  #differing = 0;

  constructor(
    host: DifferenceHost,
    shared: SharedBuckets,
    page: DifferencePage,
    then: (found: DifferencesFound) => void,
  ) {
    this.#host = host;
    this.#shared = shared;
    this.#page = page;
    this.#then = then;
  }

  start(): void {
    const { range, after } = this.#page;
    new Descent(this.#host, this.#shared, (found) => {
      if (found.end === 'brokenOff') return this.#then({ brokenOff: found.reason });
      const all = found.end === 'equal' ? [] : found.buckets;
      const inside = all.filter((bucket) => range.from <= bucket && bucket <= range.to);
      this.#differing = inside.length;
      const first = after === '' ? 0 : bucketOfRow(after);
      this.#buckets = inside.filter((bucket) => bucket >= first);
      this.#nextBucket(0);
    }).start();
  }

  #nextBucket(at: number): void {
    const bucket = this.#buckets[at];
    if (bucket === undefined) return this.#end(null);
    if (at >= limits.differingBucketsMax || this.#keys.length >= this.#page.limit)
      return this.#end(bucketStart(bucket));
    const { after } = this.#page;
    this.#nextRows(at, bucket, after !== '' && bucketOfRow(after) === bucket ? after : '');
  }

  #nextRows(at: number, bucket: Bucket, after: string): void {
    listBucket(this.#host, this.#shared, bucket, after, (page) => {
      if ('brokenOff' in page) return this.#then({ brokenOff: page.brokenOff });
      const room = this.#page.limit - this.#keys.length;
      const found = [...page.found].sort((a, b) => compareUtf8(a.ref.row, b.ref.row));
      this.#show(found.slice(0, room), () => {
        const last = found[room - 1];
        if (found.length > room && last !== undefined) return this.#end(last.ref.row);
        if (page.next === null) return this.#nextBucket(at + 1);
        if (this.#keys.length >= this.#page.limit) return this.#end(page.next);
        this.#nextRows(at, bucket, page.next);
      });
    });
  }

  #show(found: readonly Difference[], then: () => void): void {
    const [first, ...rest] = found;
    if (first === undefined) return then();
    this.#host.versions(first, this.#shared, ({ here, there, same }) => {
      if (!same) this.#keys.push({ ref: first.ref, here, there });
      this.#show(rest, then);
    });
  }

  #end(next: string | null): void {
    const { from, to } = this.#page.range;
    let sharedBuckets = 0;
    for (const range of this.#shared.ranges)
      sharedBuckets += Math.max(0, Math.min(to, range.to) - Math.max(from, range.from) + 1);
    this.#then({ sharedBuckets, buckets: this.#differing, keys: this.#keys, next });
  }
}
