import type { NodeId, RingEpoch } from '../base/ids.ts';
import type { Timers } from '../base/timers.ts';
import { isBlank } from '../causality/dvv-set.ts';
import type { RecordStore } from '../replica/record-store.ts';
import { type BucketRange, bucketCount } from '../ring/bucket-range.ts';
import { type KeyRef, keyRefOfRow } from '../ring/key.ts';
import type { Ring } from '../ring/ring.ts';
import { bucketStart } from '../ring/rows.ts';
import type { Disk } from '../storage/disk.ts';
import type { WriteLog } from '../storage/write-log.ts';
import type { HandOver } from './hand-over.ts';
import { type RangesPage, scanRanges } from './scan-ranges.ts';

/** Rows handed over and dropped at one time, and the pause between pages in ms: freeing disk must not slow requests. */
const pageSize = { rowsMax: 64, bytesMax: 262_144 };
const pauseMs = 10;
/** Pause before keys that had to stay are looked at again, in ms. */
const retryMs = 2000;

export interface CleanerHost {
  readonly self: NodeId;
  readonly timers: Timers;
  readonly log: WriteLog;
  readonly disk: Disk;
  readonly records: RecordStore;
  readonly handOver: HandOver;
  /** Some replica is owed this key by this node, or a write of it is on its way: it must not be dropped yet. */
  owed(ref: KeyRef): boolean;
  /** Nothing is left here that the ring in force gives to others. */
  freed(): void;
}

/**
 * Frees what this node no longer owns, or all it has once it has left the ring. It runs only under a ring with no change in
 * progress: the new owners became owners only after they held the arcs durably. A record goes only by proof, when each of them has shown that it holds
 * it. The cleaner needs no memory of its own: at each such ring, and at each boot, it looks at every range the ring
 * gives to others, which is a few empty look-ups when nothing is left there.
 */
export class Cleaner {
  readonly #host: CleanerHost;
  #epoch: RingEpoch = 0;

  constructor(host: CleanerHost) {
    this.#host = host;
  }

  ringChanged(ring: Ring): void {
    this.#epoch = ring.epoch;
    if (ring.changing !== null) return;
    const { log, self } = this.#host;
    // What was accepted under the ring before may still be on its way to the disk, where a scan would not see it.
    log.whenDurable(log.lastSeq, () => this.#cleanRanges(ring.epoch, foreignRanges(ring, self)));
  }

  #cleanRanges(epoch: RingEpoch, ranges: readonly BucketRange[]): void {
    let skipped = false;
    const cleanFrom = (after: string) => {
      if (this.#epoch !== epoch) return;
      scanRanges(this.#host.disk, ranges, after, pageSize, (page) =>
        this.#dropPage(epoch, page.rows, (allGone) => {
          skipped ||= !allGone;
          const { next } = page;
          if (next !== null) this.#host.timers.after(pauseMs, () => cleanFrom(next));
          else if (skipped) this.#host.timers.after(retryMs, () => this.#cleanRanges(epoch, ranges));
          else this.#tellFreed(epoch);
        }),
      );
    };
    if (ranges.length > 0) cleanFrom(bucketStart(ranges[0]!.from));
    else this.#tellFreed(epoch);
  }

  /** Once what was dropped is gone from the disk too. */
  #tellFreed(epoch: RingEpoch): void {
    const { log } = this.#host;
    log.whenDurable(log.lastSeq, () => {
      if (this.#epoch === epoch) this.#host.freed();
    });
  }

  /** Hands a page's records over and drops them; `then` runs when that is done, with false if some had to stay. */
  #dropPage(epoch: RingEpoch, rows: RangesPage['rows'], then: (allGone: boolean) => void): void {
    const refs = rows.map(([row]) => keyRefOfRow(row)).filter((ref) => ref !== null);
    let left = refs.length;
    let allGone = true;
    if (left === 0) return then(true);
    for (const ref of refs) {
      this.#drop(epoch, ref, (gone) => {
        allGone &&= gone;
        if (--left === 0) then(allGone);
      });
    }
  }

  #drop(epoch: RingEpoch, ref: KeyRef, then: (gone: boolean) => void): void {
    const { records, handOver } = this.#host;
    if (this.#host.owed(ref) || !handOver.possible(ref)) return then(false);
    records.withRecord(ref, ({ record }) => {
      // Damaged bytes are worth nothing to anybody; an empty record is one whose removal is on its way to the disk.
      if (record === null) return this.#remove(epoch, ref, then);
      if (isBlank(record)) return then(true);
      // A promise binds a replica; this node is none any more, and no round can count on it.
      if (record.siblings.length === 0) return this.#remove(epoch, ref, then);
      handOver.run(ref, record, (held) => {
        if (held) this.#remove(epoch, ref, then);
        else then(false);
      });
    });
  }

  /** By a ring that has come meanwhile the record may be this node's again. */
  #remove(epoch: RingEpoch, ref: KeyRef, then: (gone: boolean) => void): void {
    const { records } = this.#host;
    records.withRecord(ref, (entry) => {
      if (this.#epoch === epoch) records.remove(entry);
      then(true);
    });
  }
}

/** The buckets of which this node is no replica, ascending. */
export function foreignRanges(ring: Ring, self: NodeId): BucketRange[] {
  const ranges: BucketRange[] = [];
  let from = 0;
  for (const own of ring.bucketsOf(self)) {
    if (own.from > from) ranges.push({ from, to: own.from - 1 });
    from = own.to + 1;
  }
  if (from < bucketCount) ranges.push({ from, to: bucketCount - 1 });
  return ranges;
}
