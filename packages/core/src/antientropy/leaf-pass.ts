import { limits } from '../base/limits.ts';
import type { Timers } from '../base/timers.ts';
import { compareUtf8 } from '../base/utf8.ts';
import type { StoredRecord } from '../causality/record.ts';
import type { ReadRow } from '../node/input.ts';
import type { BucketRange } from '../ring/bucket-range.ts';
import { type KeyRef, keyRefOfRow } from '../ring/key.ts';
import { bucketOfRow, bucketStart } from '../ring/rows.ts';
import type { SipTag } from '../ring/siphash.ts';
import type { Disk, ScanPage } from '../storage/disk.ts';
import type { WriteLog } from '../storage/write-log.ts';
import { Leaves } from './leaves.ts';
import { recordHash } from './record-hash.ts';
import { type Records, storedRecord } from './stored-record.ts';

/** Bytes of rows in one page: reading and hashing them is a few milliseconds of one core. */
const pageBytesMax = 262_144;

/** What a pass needs of the store. */
export interface LeafPassHost extends Records {
  readonly timers: Timers;
  readonly log: WriteLog;
  readonly disk: Disk;
  /** The record as it stands when `then` runs; null if damaged. */
  withRecord(ref: KeyRef, then: (record: StoredRecord | null) => void): void;
}

/**
 * Works the leaves out from the stored records, page by page, while writes go on. Up to the row reached every record is
 * in the leaves and every write of it is followed; beyond it none is, because the pass will meet what it made of the
 * record. A scan may be older than a write that was made while it was on its way, so records written meanwhile are taken
 * up as they are in memory.
 */
export class LeafPass {
  readonly leaves = new Leaves();
  readonly #host: LeafPassHost;
  readonly #pauseMs: number;
  readonly #finished: () => void;
  readonly #buckets: BucketRange;
  /** Just behind the last row of these. */
  readonly #until: string;
  #reached: string;
  readonly #written = new Map<string, KeyRef>();
  #overrun = false;
  readonly #open = new Set<string>();

  /** `finished` is called once, when `leaves` is true of all stored in `buckets`; `pauseMs` lies between two pages. */
  constructor(host: LeafPassHost, buckets: BucketRange, pauseMs: number, finished: () => void) {
    this.#host = host;
    this.#buckets = buckets;
    this.#until = bucketStart(buckets.to + 1);
    this.#reached = bucketStart(buckets.from);
    this.#pauseMs = pauseMs;
    this.#finished = finished;
  }

  /** How many of its buckets it has read, the one it is in not counted. */
  get bucketsRead(): number {
    const { from, to } = this.#buckets;
    return (this.#reached === this.#until ? to + 1 : bucketOfRow(this.#reached)) - from;
  }

  start(): void {
    this.#nextPage();
  }

  /** A record has changed by so much. */
  wrote(ref: KeyRef, change: SipTag, records: -1 | 0 | 1): void {
    const { row, bucket } = ref;
    if (bucket < this.#buckets.from || bucket > this.#buckets.to) return;
    if (compareUtf8(row, this.#reached) > 0) return this.#remember(ref);
    if (!this.#open.has(row)) this.leaves.toggle(bucket, change, records);
  }

  /** A damaged record was written over. True if what it had added to the leaf of its bucket is in there for good. */
  wroteOverDamage(ref: KeyRef): boolean {
    const { row, bucket } = ref;
    if (bucket < this.#buckets.from || bucket > this.#buckets.to) return false;
    if (compareUtf8(row, this.#reached) <= 0) return !this.#open.has(row);
    this.#remember(ref);
    return false;
  }

  #remember(ref: KeyRef): void {
    if (this.#written.size < limits.passWrittenMax) this.#written.set(ref.row, ref);
    else this.#overrun = true;
  }

  #nextPage(): void {
    this.#written.clear();
    this.#overrun = false;
    const { log, disk } = this.#host;
    const range = {
      after: this.#reached,
      until: this.#until,
      rowsMax: limits.passPageRowsMax,
      bytesMax: pageBytesMax,
    };
    // What was written before here is on disk when the scan begins; what is written later is remembered.
    log.whenDurable(log.lastSeq, () => disk.scan(range, (page) => this.#page(page)));
  }

  #page({ rows, done }: ScanPage): void {
    if (this.#overrun) return this.#nextPage();
    const end = done ? this.#until : rows.at(-1)![0];
    const meanwhile = [...this.#written.values()].filter(({ row }) => compareUtf8(row, end) <= 0);
    for (const { row } of meanwhile) this.#open.add(row);
    // Before the rows are taken: a damaged one of which memory holds a good copy is written again in this very loop, and
    // must not count as written meanwhile, to be taken twice.
    this.#reached = end;
    for (const [row, value] of rows) if (!this.#written.has(row)) this.#take(row, value);
    for (const ref of meanwhile) this.#takeWritten(ref);
    if (meanwhile.length === 0) this.#pageDone();
  }

  #take(row: string, value: ReadRow): void {
    const ref = keyRefOfRow(row);
    if (ref === null) return;
    const record = storedRecord(this.#host, row, value);
    if (record !== null && record.clock.length > 0)
      this.leaves.toggle(ref.bucket, recordHash(ref, record), 1);
  }

  #takeWritten(ref: KeyRef): void {
    this.#host.withRecord(ref, (record) => {
      if (!this.#open.delete(ref.row)) return;
      if (record !== null && record.clock.length > 0)
        this.leaves.toggle(ref.bucket, recordHash(ref, record), 1);
      if (this.#open.size === 0) this.#pageDone();
    });
  }

  #pageDone(): void {
    if (this.#reached === this.#until) return this.#finished();
    this.#host.timers.after(this.#pauseMs, () => this.#nextPage());
  }
}
