import type { Bucket } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { type KeyRef, keyRefOfRow } from '../ring/key.ts';
import { bucketStart } from '../ring/rows.ts';
import { sipTagHex } from '../ring/siphash.ts';
import type { Disk } from '../storage/disk.ts';
import { recordHash } from './record-hash.ts';
import { type Records, storedRecord } from './stored-record.ts';

/** Bytes of records read for one page. */
const pageBytesMax = 1 << 20;

export interface BucketStore extends Records {
  readonly disk: Disk;
}

/** Some records of a bucket, by key and hash. */
export interface BucketPage {
  readonly records: readonly { readonly ref: KeyRef; readonly hash: string }[];
  /** Row after which the next page begins; null if there is none. */
  readonly next: string | null;
}

/** Reads the next records that this node holds in a bucket behind row `after`; one record at least if there are any. */
export function readBucket(
  store: BucketStore,
  bucket: Bucket,
  after: string,
  then: (page: BucketPage) => void,
): void {
  const start = bucketStart(bucket);
  const range = {
    after: after < start ? start : after,
    until: bucketStart(bucket + 1),
    rowsMax: limits.bucketPageRowsMax,
    bytesMax: pageBytesMax,
  };
  store.disk.scan(range, ({ rows, done }) => {
    const records: { ref: KeyRef; hash: string }[] = [];
    for (const [row, value] of rows) {
      const ref = keyRefOfRow(row);
      if (ref === null) continue;
      const record = storedRecord(store, row, value);
      if (record !== null && record.clock.length > 0)
        records.push({ ref, hash: sipTagHex(recordHash(ref, record)) });
    }
    then({ records, next: done ? null : (rows.at(-1)?.[0] ?? null) });
  });
}
