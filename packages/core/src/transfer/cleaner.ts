import type { NodeId, RingEpoch } from '../base/ids.ts';
import type { Timers } from '../base/timers.ts';
import type { RecordStore } from '../replica/record-store.ts';
import { type BucketRange, bucketCount } from '../ring/bucket-range.ts';
import { type KeyRef, keyRefOfRow } from '../ring/key.ts';
import type { Ring } from '../ring/ring.ts';
import { bucketStart } from '../ring/rows.ts';
import type { Disk, ScanPage } from '../storage/disk.ts';
import type { WriteLog } from '../storage/write-log.ts';

/** Rows dropped in one step, and the pause between steps in ms: freeing disk must not slow requests. */
const pageRowsMax = 256;
const pauseMs = 10;
/** Pause before keys that others are still owed are looked at again, in ms. */
const retryMs = 2000;

export interface CleanerHost {
  readonly self: NodeId;
  readonly timers: Timers;
  readonly log: WriteLog;
  readonly disk: Disk;
  readonly records: RecordStore;
  /** Some replica is owed this key by this node, or a write of it is on its way: it must not be dropped yet. */
  owed(ref: KeyRef): boolean;
}

/**
 * Frees what this node no longer owns. It runs only under a ring with no change in progress: the new owners became
 * normal only after they held the arcs durably. It needs no memory of its own: at each such ring, and at each boot, it
 * looks at every range the ring gives to others, which is a few empty look-ups when nothing is left there.
 */
export class Cleaner {
  readonly #host: CleanerHost;
  #epoch: RingEpoch = 0;

  constructor(host: CleanerHost) {
    this.#host = host;
  }

  ringChanged(ring: Ring): void {
    this.#epoch = ring.epoch;
    if (ring.changing !== null || !ring.owners.includes(this.#host.self)) return;
    const { log, self } = this.#host;
    // What was accepted under the ring before may still be on its way to the disk, where a scan would not see it.
    log.whenDurable(log.lastSeq, () => this.#cleanRanges(ring.epoch, foreignRanges(ring, self)));
  }

  #cleanRanges(epoch: RingEpoch, ranges: readonly BucketRange[]): void {
    if (this.#epoch !== epoch) return;
    let skipped = false;
    const cleanFrom = (index: number, after: string) => {
      if (this.#epoch !== epoch) return;
      const range = ranges[index];
      if (range === undefined) {
        if (skipped) this.#host.timers.after(retryMs, () => this.#cleanRanges(epoch, ranges));
        return;
      }
      const scan = { after, until: bucketStart(range.to + 1), rowsMax: pageRowsMax, bytesMax: 1 << 20 };
      this.#host.disk.scan(scan, (page) => {
        if (this.#epoch !== epoch) return;
        skipped = this.#dropPage(epoch, page) || skipped;
        const next = ranges[index + 1];
        const continued = page.done ? bucketStart(next?.from ?? 0) : (page.rows.at(-1)?.[0] ?? after);
        const step = () => cleanFrom(page.done ? index + 1 : index, continued);
        if (page.rows.length === 0) step();
        else this.#host.timers.after(pauseMs, step);
      });
    };
    cleanFrom(0, bucketStart(ranges[0]?.from ?? 0));
  }

  /** Drops a page's records; true if some had to stay. */
  #dropPage(epoch: RingEpoch, page: ScanPage): boolean {
    let skipped = false;
    for (const [row] of page.rows) {
      const ref = keyRefOfRow(row);
      if (ref === null) continue;
      if (this.#host.owed(ref)) skipped = true;
      else this.#drop(epoch, ref);
    }
    return skipped;
  }

  /** The record may come off the disk after a newer ring did, by which it may be this node's again. */
  #drop(epoch: RingEpoch, ref: KeyRef): void {
    const { records } = this.#host;
    records.withRecord(ref, (entry) => {
      if (this.#epoch === epoch) records.remove(entry);
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
