import type { WallMs } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { dropExpired } from '../causality/dvv-set.ts';
import type { Sibling, StoredRecord } from '../causality/record.ts';
import { type KeyRef, keyRefOfRow } from '../ring/key.ts';
import { expiryPrefix } from '../ring/rows.ts';
import type { Disk, ScanPage } from '../storage/disk.ts';
import type { WriteLog } from '../storage/write-log.ts';
import type { Entry, RecordStore } from './record-store.ts';

/** Hexadecimal digits of a time in ms: with fourteen, 2^56 ms, any time that a client may name fits. */
const timeDigits = 14;

/**
 * Values with an end: a row for each, in order of time and written in the batch of its record, says what to drop when.
 * That a value has expired follows from the record and the clock alone, so no replica has to tell another; what is left
 * of it stays for causality like any tombstone.
 */
export class Expiry {
  readonly #log: WriteLog;
  readonly #disk: Disk;
  readonly #records: RecordStore;
  readonly #dueBefore: () => WallMs;

  /** What expires before the time that `dueBefore` tells may be dropped. */
  constructor(log: WriteLog, disk: Disk, records: RecordStore, dueBefore: () => WallMs) {
    this.#log = log;
    this.#disk = disk;
    this.#records = records;
    this.#dueBefore = dueBefore;
  }

  /** Notes when values of `after` expire, and forgets it of those that only `before` held. */
  note(ref: KeyRef, before: StoredRecord, after: StoredRecord): void {
    for (const { expiresAt } of before.siblings)
      if (expiresAt !== 0 && !expiresThen(after, expiresAt)) this.#log.stage(rowOf(ref, expiresAt), null);
    for (const { expiresAt } of after.siblings)
      if (expiresAt !== 0 && !expiresThen(before, expiresAt)) this.#log.stage(rowOf(ref, expiresAt), nothing);
  }

  /**
   * Drops what is due, up to `expiryRowsMax` values; `after` is where the last step ended, empty to begin anew. Answers
   * where this one ended once all its records are written, empty if nothing more is due.
   */
  drop(after: string, then: (next: string) => void): void {
    const due = this.#dueBefore();
    if (due < 1) return then('');
    const range = {
      after: after === '' ? expiryPrefix : after,
      until: `${expiryPrefix}${timeText(due)}`,
      rowsMax: limits.expiryRowsMax,
      bytesMax: 1 << 20,
    };
    this.#disk.scan(range, (page) => this.#dropPage(page, due, then));
  }

  #dropPage({ rows, done }: ScanPage, due: WallMs, then: (next: string) => void): void {
    const next = done ? '' : (rows.at(-1)?.[0] ?? '');
    let open = 1;
    const closed = () => {
      if (--open === 0) then(next);
    };
    for (const [row] of rows) {
      const ref = keyRefOfRow(row.slice(expiryPrefix.length + timeDigits + 1));
      if (ref === null) continue;
      open++;
      this.#records.withRecord(ref, (entry) => {
        this.#dropOf(entry, row, due);
        closed();
      });
    }
    closed();
  }

  #dropOf(entry: Entry, row: string, due: WallMs): void {
    const { record, ref } = entry;
    // Damaged bytes are mended from other replicas; the row is still there when they are.
    if (record === null) return;
    const left = dropExpired(record, due);
    if (left !== record) this.#records.write(entry, left);
    // A row without its value: the record has gone to another owner, or was lost and came back another way.
    else if (!record.siblings.some(({ expiresAt }) => expiresAt !== 0 && rowOf(ref, expiresAt) === row))
      this.#log.stage(row, null);
  }
}

function expiresThen({ siblings }: StoredRecord, expiresAt: WallMs): boolean {
  return siblings.some((sibling: Sibling) => sibling.expiresAt === expiresAt);
}

function rowOf(ref: KeyRef, expiresAt: WallMs): string {
  return `${expiryPrefix}${timeText(expiresAt)}/${ref.row}`;
}

/** Rounded up: whatever lies before the text of a time has expired at that time. */
function timeText(atMs: WallMs): string {
  return Math.ceil(atMs).toString(16).padStart(timeDigits, '0');
}

const nothing = new Uint8Array(0);
