import { assert } from '../base/assert.ts';
import { emptyRecord, isBlank, isContested, isTombstone } from '../causality/dvv-set.ts';
import type { StoredRecord } from '../causality/record.ts';
import { decodeRecord, encodeRecord } from '../codec/record.ts';
import type { ReadRow } from '../node/input.ts';
import type { KeyRef } from '../ring/key.ts';
import { conflictRow, indexRow } from '../ring/rows.ts';
import type { Disk } from '../storage/disk.ts';
import type { WriteLog } from '../storage/write-log.ts';
import type { RecordCounts, Recount } from './recount.ts';

/** A key's record in memory. `record` is null while the stored bytes are corrupt: neither a value nor an absence. */
export interface Entry {
  readonly ref: KeyRef;
  record: StoredRecord | null;
  /** Newest write that holds `record`; what depends on the record being durable waits for it. */
  seq: number;
  bytes: number;
  /** The key is in the listing: its record is live, or was when its bytes were last good. */
  listed: boolean;
  /** The key is among the conflicts: its record is contested, or was when its bytes were last good. */
  contested: boolean;
  /** Asked for since the cache last looked for something to drop. */
  used: boolean;
}

export interface RecordStoreOptions {
  /** Bytes of records kept in memory beside those with writes on their way. */
  readonly cacheBytesMax: number;
  readonly onCorrupt: (ref: KeyRef) => void;
  /** Called for each write with what was there before; used for request memory. */
  readonly onWrite?: (ref: KeyRef, before: StoredRecord, after: StoredRecord) => void;
  /** Called for each write and removal; `before` is null where it was damaged. */
  readonly onChange?: (ref: KeyRef, before: StoredRecord | null, after: StoredRecord) => void;
  /** Called when the counts have changed without a write. */
  readonly onCounted?: () => void;
  /** The key has come among the conflicts with this step's batch, or has left them. */
  readonly onConflict?: (ref: KeyRef, contested: boolean) => void;
}

/** Memory taken by an entry beside its record's bytes: map slot, strings, objects. A measured order of size. */
const entryOverheadBytes = 400;

/**
 * The records of this replica: a bounded cache over the disk, and the only writer of record rows.
 *
 * A protocol decision about a key must see its record and change it in one step, without waiting in between; so an
 * operation first gets the record into memory with `withRecord`, then decides and writes synchronously.
 */
export class RecordStore {
  readonly counts: RecordCounts = { keys: 0, tombstones: 0, recordBytes: 0 };
  /** Counts that are being made anew beside them. */
  #recount: Recount | null = null;
  /**
   * In the order in which they would be dropped. A use only marks an entry; the search for something to drop gives a
   * marked one a second chance at the end of the queue (the clock algorithm), so that reads do not move anything.
   */
  readonly #entries = new Map<string, Entry>();
  readonly #loading = new Map<string, ((entry: Entry) => void)[]>();
  #cachedBytes = 0;
  readonly #log: WriteLog;
  readonly #disk: Disk;
  readonly #options: RecordStoreOptions;

  constructor(log: WriteLog, disk: Disk, options: RecordStoreOptions) {
    this.#log = log;
    this.#disk = disk;
    this.#options = options;
  }

  /** Runs `then` with the key's entry: at once if it is in memory, else when the disk has answered. */
  withRecord(ref: KeyRef, then: (entry: Entry) => void): void {
    const entry = this.#entries.get(ref.row);
    if (entry !== undefined) {
      entry.used = true;
      return then(entry);
    }
    const waiting = this.#loading.get(ref.row);
    if (waiting !== undefined) {
      waiting.push(then);
      return;
    }
    this.#loading.set(ref.row, [then]);
    this.#disk.read([ref.row], ([row]) => this.#loaded(ref, row ?? null));
  }

  /** The record as it is in memory, durable or not: null if damaged, undefined if the disk has the newest. */
  inMemory(row: string): StoredRecord | null | undefined {
    return this.#entries.get(row)?.record;
  }

  /** Bytes of the key's record if it is in memory, else 0. */
  bytesOf(ref: KeyRef): number {
    return this.#entries.get(ref.row)?.bytes ?? 0;
  }

  /** Runs `then` once the entry's record as it is now is on stable storage. */
  whenDurable(entry: Entry, then: () => void): void {
    this.#log.whenDurable(entry.seq, then);
  }

  /** Replaces the entry's record, in memory now and on disk with this step's batch. */
  write(entry: Entry, record: StoredRecord): void {
    assert(this.#entries.get(entry.ref.row) === entry, 'a record is written in the step it was handed out');
    const before = entry.record ?? emptyRecord;
    const bytes = encodeRecord(record);
    this.#options.onWrite?.(entry.ref, before, record);
    this.#options.onChange?.(entry.ref, entry.record, record);
    if (this.#recount !== null && isBlank(before)) this.#recount.made(entry.ref.row);
    this.#uncount(entry, bytes.length);
    this.#count(entry.ref.row, record, bytes.length, 1);
    this.#list(entry, isListed(record));
    this.#contest(entry, isContested(record));
    entry.seq = this.#log.stage(entry.ref.row, bytes);
    entry.record = record;
    this.#resize(entry, bytes.length);
    this.#trim();
  }

  /** Forgets a record this node no longer owns. The caller proves that its new owners hold it. */
  remove(entry: Entry): void {
    assert(this.#entries.get(entry.ref.row) === entry, 'a record is removed in the step it was handed out');
    this.#options.onChange?.(entry.ref, entry.record, emptyRecord);
    this.#uncount(entry, 0);
    this.#list(entry, false);
    this.#contest(entry, false);
    entry.seq = this.#log.stage(entry.ref.row, null);
    entry.record = emptyRecord;
    this.#resize(entry, 0);
    this.#options.onCounted?.();
  }

  /** From now on every write is counted in `recount` as well, as far as it has come; null: no longer. */
  follow(recount: Recount | null): void {
    this.#recount = recount;
  }

  /** The pass of the followed recount has come to the entry's row: it is counted there as it stands. */
  countAnew({ ref, record, bytes, listed }: Entry): void {
    if (this.#recount === null || !this.#recount.takeUp(ref.row)) return;
    // Of damaged bytes nobody knows how many they were: none.
    if (record !== null) add(this.#recount.counts, record, bytes, 1);
    else this.#recount.counts[listed ? 'keys' : 'tombstones']++;
  }

  /** The recount is complete: its counts are the counts. */
  adopt(recount: Recount): void {
    Object.assign(this.counts, recount.counts);
    this.#recount = null;
    this.#options.onCounted?.();
  }

  /** Writes the entry's rows in the listings again, or takes them out, whatever is believed to be on disk. */
  relist(entry: Entry): void {
    assert(entry.record !== null, 'what a damaged record is listed as is not known');
    entry.listed = isListed(entry.record);
    entry.contested = isContested(entry.record);
    this.#log.stage(indexRow(entry.ref), entry.listed ? emptyValue : null);
    this.#log.stage(conflictRow(entry.ref), entry.contested ? emptyValue : null);
  }

  /** Keys that can be read are listed in key order; a tombstone is not. */
  #list(entry: Entry, listed: boolean): void {
    if (entry.listed !== listed) this.#log.stage(indexRow(entry.ref), listed ? emptyValue : null);
    entry.listed = listed;
  }

  /** Keys with siblings to settle are listed apart, so that finding them costs as much as there are. */
  #contest(entry: Entry, contested: boolean): void {
    if (entry.contested === contested) return;
    entry.contested = contested;
    this.#log.stage(conflictRow(entry.ref), contested ? emptyValue : null);
    this.#options.onConflict?.(entry.ref, contested);
  }

  #loaded(ref: KeyRef, row: ReadRow): void {
    const record = row instanceof Uint8Array ? decodeRecord(row) : emptyRecord;
    if (row !== 'corrupt' && record !== null) {
      const bytes = row?.length ?? 0;
      const [listed, contested] = [isListed(record), isContested(record)];
      return this.#enter({ ref, record, seq: 0, bytes, listed, contested, used: false });
    }
    // What the damaged bytes were counted and listed as, their rows in the listings still tell.
    this.#disk.read([indexRow(ref), conflictRow(ref)], ([index = null, conflict = null]) => {
      this.#options.onCorrupt(ref);
      const [listed, contested] = [index !== null, conflict !== null];
      this.#enter({ ref, record: null, seq: 0, bytes: 0, listed, contested, used: false });
    });
  }

  #enter(entry: Entry): void {
    const { row } = entry.ref;
    const waiting = this.#loading.get(row) ?? [];
    this.#loading.delete(row);
    assert(!this.#entries.has(row), 'a record is loaded only when it is not in memory');
    this.#entries.set(row, entry);
    this.#cachedBytes += entry.bytes + entryOverheadBytes;
    for (const then of waiting) then(entry);
    this.#trim();
  }

  /** Damaged bytes were counted when they were good: as many, for want of better, as there are of what replaces them. */
  #uncount({ ref, record, bytes, listed }: Entry, bytesAfter: number): void {
    if (record !== null) return this.#count(ref.row, record, bytes, -1);
    for (const counts of this.#countsOf(ref.row)) {
      counts[listed ? 'keys' : 'tombstones']--;
      counts.recordBytes -= bytesAfter;
    }
  }

  #count(row: string, record: StoredRecord, bytes: number, sign: 1 | -1): void {
    add(this.counts, record, bytes, sign);
    if (this.#recount?.follows(row)) add(this.#recount.counts, record, bytes, sign);
  }

  #countsOf(row: string): RecordCounts[] {
    return this.#recount?.follows(row) ? [this.counts, this.#recount.counts] : [this.counts];
  }

  #resize(entry: Entry, bytes: number): void {
    if (this.#entries.get(entry.ref.row) === entry) this.#cachedBytes += bytes - entry.bytes;
    entry.bytes = bytes;
  }

  /** Drops the longest unused entries over the bound; one with a write on its way must stay, the disk has not got it. */
  #trim(): void {
    if (this.#cachedBytes <= this.#options.cacheBytesMax) return;
    for (const entry of this.#entries.values()) {
      if (this.#cachedBytes <= this.#options.cacheBytesMax) return;
      if (entry.seq > this.#log.durableSeq) continue;
      this.#entries.delete(entry.ref.row);
      if (entry.used) {
        entry.used = false;
        this.#entries.set(entry.ref.row, entry);
        continue;
      }
      this.#cachedBytes -= entry.bytes + entryOverheadBytes;
    }
  }
}

/** Whether the listing shows the key of this record: a tombstone is not shown. */
export function isListed(record: StoredRecord): boolean {
  return record.siblings.length > 0 && !isTombstone(record);
}

function add(counts: RecordCounts, record: StoredRecord, bytes: number, sign: 1 | -1): void {
  if (isBlank(record)) return;
  // A promise for a key that was never written counts with the tombstones: it takes room, and there is no value.
  counts[isListed(record) ? 'keys' : 'tombstones'] += sign;
  counts.recordBytes += sign * bytes;
}

const emptyValue = new Uint8Array(0);
