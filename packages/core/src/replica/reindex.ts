import { type Limits, limits } from '../base/limits.ts';
import { emptyRecord } from '../causality/dvv-set.ts';
import { type KeyRef, keyRefOfIndexRow, keyRefOfRow } from '../ring/key.ts';
import { conflictPrefix, indexPrefix, indexRow, prefixEnd } from '../ring/rows.ts';
import type { Disk, ScanPage } from '../storage/disk.ts';
import type { WriteLog } from '../storage/write-log.ts';
import type { Expiry } from './expiry.ts';
import { type Entry, isListed, type RecordStore } from './record-store.ts';
import { behindRecords, Recount } from './recount.ts';
import type { RequestMemory } from './request-memory.ts';

/** Bytes of rows in one page of a pass: reading and decoding them is a few milliseconds of one core. */
const pageBytesMax = 262_144;

type List = typeof indexPrefix | typeof conflictPrefix;

export interface ReindexHost {
  readonly log: WriteLog;
  readonly disk: Disk;
  readonly records: RecordStore;
  readonly requests: RequestMemory;
  readonly expiry: Expiry;
}

type ReindexBounds = Pick<Limits, 'reindexPageRowsMax' | 'reindexRecordsAtOnceMax' | 'recountMadeMax'>;

/**
 * Makes whatever is derived from the records tell again what they say: the listing, the conflicts, the counts, the
 * remembered requests, the ends of values. A disk that loses one batch out of its history loses rows one by one: a record
 * may have come back with a later batch, while its row in the listing, which that batch had no reason to write, has not.
 *
 * Three passes, each page by page and with writes going on: over the records, which puts what is missing and counts,
 * and over the listing and the conflicts, which take out what names no live record, or none in conflict. What is staged
 * is decided on the record as it stands in that very step. There is no memory of how far a run has come: it can begin
 * again at any time.
 */
export class Reindex {
  readonly #host: ReindexHost;
  readonly #finished: () => void;
  readonly #recount: Recount;
  readonly #pageRowsMax: number;
  readonly #recordsAtOnceMax: number;
  #stopped = false;

  /** `finished` is called once, in a step whose batch may say that all is well: it goes down after what was mended. */
  constructor(host: ReindexHost, finished: () => void, bounds: ReindexBounds = limits) {
    this.#host = host;
    this.#finished = finished;
    this.#recount = new Recount(bounds.recountMadeMax);
    this.#pageRowsMax = bounds.reindexPageRowsMax;
    this.#recordsAtOnceMax = bounds.reindexRecordsAtOnceMax;
  }

  start(): void {
    this.#host.records.follow(this.#recount);
    this.#nextRecords();
  }

  /** Gives up. What has been mended stays mended; the counts stay as they were. */
  stop(): void {
    if (!this.#stopped) this.#host.records.follow(null);
    this.#stopped = true;
  }

  #nextRecords(): void {
    if (this.#stopped) return;
    const { log } = this.#host;
    // Records staged before here are on disk when the scan begins, and those made later are remembered.
    this.#recount.expectPage();
    log.whenDurable(log.lastSeq, () =>
      this.#scan(this.#recount.reached, behindRecords, (page) => this.#records(page)),
    );
  }

  #records(page: ScanPage): void {
    const upTo = page.done ? behindRecords : page.rows.at(-1)![0];
    const rows = this.#recount.page(
      page.rows.map(([row]) => row),
      upTo,
    );
    if (rows === null) return this.#nextRecords();
    const refs = rows.map(keyRefOfRow).filter((ref) => ref !== null);
    this.#host.disk.read(refs.map(indexRow), (listed) => {
      const one = (entry: Entry, at: number) => this.#record(entry, listed[at] instanceof Uint8Array);
      this.#each(refs, one, () => {
        if (upTo === behindRecords) this.#nextListed(indexPrefix, indexPrefix);
        else this.#nextRecords();
      });
    });
  }

  #record(entry: Entry, listed: boolean): void {
    const { records, requests, expiry } = this.#host;
    records.countAnew(entry);
    if (entry.record === null) return;
    expiry.note(entry.ref, emptyRecord, entry.record);
    // Conflicts are few: their rows are put again unseen.
    if ((!listed && isListed(entry.record)) || entry.contested) records.relist(entry);
    requests.noteAgain(entry.ref, entry.record);
  }

  #nextListed(list: List, after: string): void {
    this.#scan(after, prefixEnd(list), (page) => {
      const refs = page.rows.map(([row]) => keyRefOfIndexRow(row)).filter((ref) => ref !== null);
      this.#each(
        refs,
        (entry) => this.#listed(list, entry),
        () => {
          if (!page.done) this.#nextListed(list, page.rows.at(-1)![0]);
          else if (list === indexPrefix) this.#nextListed(conflictPrefix, conflictPrefix);
          else this.#finish();
        },
      );
    });
  }

  #listed(list: List, entry: Entry): void {
    // What damaged bytes were listed as is all that is known of them.
    if (entry.record === null) return;
    const named = list === indexPrefix ? isListed(entry.record) : entry.contested;
    if (!named) this.#host.records.relist(entry);
  }

  #finish(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#host.records.adopt(this.#recount);
    this.#finished();
  }

  #scan(after: string, until: string, then: (page: ScanPage) => void): void {
    const range = { after, until, rowsMax: this.#pageRowsMax, bytesMax: pageBytesMax };
    this.#host.disk.scan(range, (page) => {
      if (!this.#stopped) then(page);
    });
  }

  /** Runs `one` for the entry of each, a bounded number at a time as they come off the disk, and `then` after the last. */
  #each(refs: readonly KeyRef[], one: (entry: Entry, at: number) => void, then: () => void): void {
    let next = 0;
    let loading = 0;
    let done = 0;
    let filling = false;
    if (refs.length === 0) return then();
    const fill = () => {
      // An entry that is in memory comes at once, from within this very loop.
      if (filling) return;
      filling = true;
      while (loading < this.#recordsAtOnceMax && next < refs.length) {
        const at = next++;
        loading++;
        this.#host.records.withRecord(refs[at]!, (entry) => {
          loading--;
          if (this.#stopped) return;
          one(entry, at);
          if (++done === refs.length) then();
          else fill();
        });
      }
      filling = false;
    };
    fill();
  }
}
