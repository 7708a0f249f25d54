import type { Bucket } from '../base/ids.ts';
import type { KeyRef } from './key.ts';

/**
 * The layout of storage: every row key starts with its kind.
 *
 * `d/hash/table/key`    the record of a key; rows of an arc are adjacent
 * `k/table/key`         the key itself, so that listings run in key order without sorting
 * `c/table/key`         the key has siblings for a client to settle
 * `e/number`            an event of the log, in order of time
 * `q/request/d/…`       the dot under which a client's request id was applied to a key
 * `x/time/d/…`           a value of this key expires at that time
 * `h/target/d/…`        a hint: the record of this key is owed to a node
 * `l/counter/d/…`       a write of this node that not every replica has acknowledged yet
 * `m/…`                 what the node knows of itself and its cluster
 */
export const metaPrefix = 'm/';
export const hintPrefix = 'h/';
export const unsettledPrefix = 'l/';
export const requestPrefix = 'q/';
export const eventPrefix = 'e/';
export const indexPrefix = 'k/';
export const expiryPrefix = 'x/';
export const conflictPrefix = 'c/';

/** Just past every row that starts with `prefix`, which must end in `/` (`0` is the next character). */
export function prefixEnd(prefix: string): string {
  return `${prefix.slice(0, -1)}0`;
}

export function indexRow(ref: KeyRef): string {
  return `k/${ref.table}/${ref.key}`;
}

export function conflictRow(ref: KeyRef): string {
  return `c/${ref.table}/${ref.key}`;
}

/** First possible data row of a bucket; of bucket 65 536, the end of all data rows. */
export function bucketStart(bucket: Bucket): string {
  return bucket > 65_535 ? 'd0' : `d/${bucket.toString(16).padStart(4, '0')}`;
}

/** The bucket that a data row lies in, or the first row of which it is. */
export function bucketOfRow(row: string): Bucket {
  return Number.parseInt(row.slice(2, 6), 16);
}
