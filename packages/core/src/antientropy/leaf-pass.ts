import { limits } from '../base/limits.ts';
import type { Timers } from '../base/timers.ts';
import { compareUtf8 } from '../base/utf8.ts';
import type { StoredRecord } from '../causality/record.ts';
import type { ReadRow } from '../node/input.ts';
import { type KeyRef, keyRefOfRow } from '../ring/key.ts';
import { bucketStart } from '../ring/rows.ts';
import type { SipTag } from '../ring/siphash.ts';
import type { Disk, ScanPage } from '../storage/disk.ts';
import type { WriteLog } from '../storage/write-log.ts';
import { Leaves } from './leaves.ts';
import { recordHash } from './record-hash.ts';
import { type Records, storedRecord } from './stored-record.ts';

/** Bytes of rows in one page: reading and hashing them is a few milliseconds of one core. */
const pageBytesMax = 262_144;

const firstRow = bucketStart(0);
const behindRows = bucketStart(65_536);

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
  #reached = firstRow;
  readonly #written = new Map<string, KeyRef>();
  #overrun = false;
  readonly #open = new Set<string>();
  #stopped = false;

  /** `finished` is called once, when `leaves` is true of everything stored; `pauseMs` lies between two pages. */
  constructor(host: LeafPassHost, pauseMs: number, finished: () => void) {
    this.#host = host;
    this.#pauseMs = pauseMs;
    this.#finished = finished;
  }

  start(): void {
    this.#nextPage();
  }

  stop(): void {
    this.#stopped = true;
  }

  /** A record has changed by so much. */
  wrote(ref: KeyRef, change: SipTag): void {
    const { row } = ref;
    if (compareUtf8(row, this.#reached) <= 0) {
      if (!this.#open.has(row)) this.leaves.toggle(ref.bucket, change);
    } else if (this.#written.size < limits.passWrittenMax) this.#written.set(row, ref);
    else this.#overrun = true;
  }

  #nextPage(): void {
    if (this.#stopped) return;
    this.#written.clear();
    this.#overrun = false;
    const { log, disk } = this.#host;
    const range = {
      after: this.#reached,
      until: behindRows,
      rowsMax: limits.passPageRowsMax,
      bytesMax: pageBytesMax,
    };
    // What was written before here is on disk when the scan begins; what is written later is remembered.
    log.whenDurable(log.lastSeq, () => disk.scan(range, (page) => this.#page(page)));
  }

  #page({ rows, done }: ScanPage): void {
    if (this.#stopped) return;
    if (this.#overrun) return this.#nextPage();
    const end = done ? behindRows : rows.at(-1)![0];
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
    if (record !== null) this.leaves.toggle(ref.bucket, recordHash(ref, record));
  }

  #takeWritten(ref: KeyRef): void {
    this.#host.withRecord(ref, (record) => {
      if (!this.#open.delete(ref.row)) return;
      if (record !== null) this.leaves.toggle(ref.bucket, recordHash(ref, record));
      if (this.#open.size === 0) this.#pageDone();
    });
  }

  #pageDone(): void {
    if (this.#stopped) return;
    if (this.#reached === behindRows) return this.#finished();
    this.#host.timers.after(this.#pauseMs, () => this.#nextPage());
  }
}
