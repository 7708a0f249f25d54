import { compareUtf8 } from '../base/utf8.ts';
import type { KeyRef } from '../ring/key.ts';
import { type BucketPage, type BucketStore, readBucket } from './bucket-page.ts';
import { answerMs, type BreakReason, type DescentHost, type SharedBuckets } from './descent.ts';

/** A key of which two nodes hold different records, or of which the peer holds none. */
export interface Difference {
  readonly ref: KeyRef;
  readonly peerHolds: boolean;
}

export interface ListingHost extends DescentHost {
  readonly store: BucketStore;
}

/** Keys of a bucket that differ, ascending by row; `next`: the row behind which to go on, null when the bucket is done. */
export type ListingPage =
  | { readonly found: readonly Difference[]; readonly next: string | null }
  | { readonly brokenOff: BreakReason };

/** Lists the next records of a bucket behind row `after` on both sides, and says which keys differ. */
export function listBucket(
  host: ListingHost,
  { peer, epoch }: SharedBuckets,
  bucket: number,
  after: string,
  then: (page: ListingPage) => void,
): void {
  if (host.leaves(epoch) === null) return then({ brokenOff: 'ownTree' });
  const build = (rpc: number) => ({ kind: 'bucket', rpc, epoch, bucket, after }) as const;
  host.ask(peer, build, answerMs, (reply) => {
    if (reply?.kind !== 'bucketReply') return then({ brokenOff: 'silent' });
    if (reply.result !== 'ok') return then({ brokenOff: reply.result });
    readBucket(host.store, bucket, after, (own) => {
      const next = earlier(own.next, reply.next);
      then({ found: differences(own, reply, next), next });
    });
  });
}

function earlier(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return compareUtf8(a, b) <= 0 ? a : b;
}

/** Keys that only one of both pages names, or both with another hash, up to row `upTo`, beyond which one may lack some. */
function differences(own: BucketPage, theirs: BucketPage, upTo: string | null): Difference[] {
  const hashes = new Map(theirs.records.map(({ ref, hash }) => [ref.row, hash]));
  const held = new Set(own.records.map(({ ref }) => ref.row));
  const found = [
    ...own.records
      .filter(({ ref, hash }) => hashes.get(ref.row) !== hash)
      .map(({ ref }) => ({ ref, peerHolds: hashes.has(ref.row) })),
    ...theirs.records.filter(({ ref }) => !held.has(ref.row)).map(({ ref }) => ({ ref, peerHolds: true })),
  ];
  return found.filter(({ ref }) => upTo === null || compareUtf8(ref.row, upTo) <= 0);
}
