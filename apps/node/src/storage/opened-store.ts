/**
 * A node's rows on disk: what the machine's write, read and scan effects become. Every promise of the machine rests on
 * this: `written` is reported after the operating system said that the bytes are on stable storage, and a loss of
 * such bytes is noticed at the next start wherever it can be (docs/decisions/0040 to 0044).
 */
import type { RowWrite } from '@starling/core/node/effect.ts';
import type { ReadRow } from '@starling/core/node/input.ts';
import type { DirectoryPaths } from './directory.ts';
import { DiskSpace, freeBytesOf, releaseBallast } from './disk-space.ts';
import { isNoSpace, type LevelDatabase, storageErrorOf } from './level-database.ts';
import type { DirectoryLock } from './lock.ts';
import { markDamaged, markSuspect } from './recovery.ts';
import { RowReader } from './row-reader.ts';
import { type ScanPage, type ScanRange, scanMachineRows } from './row-scan.ts';
import { StorageError, type StorageNotice } from './storage-error.ts';
import { TableScrub } from './table-scrub.ts';
import { logBytesMax, type StorageTuning } from './tuning.ts';
import type { Watermark } from './watermark.ts';
import { WatermarkKeeper } from './watermark-keeper.ts';
import { WriteQueue } from './write-queue.ts';

/** What a store has to say. None of it is called from within a call of the store. */
export interface StorageEvents {
  /** Every write up to `seq` is on stable storage. */
  written(seq: number): void;
  /**
   * No write reported since the last `written` is certain, and none will be. Discard the machine, `close` this store
   * and open a new one: it verifies what is there.
   */
  poisoned(error: StorageError): void;
  /** More waits to be written than the disk takes in a moment: refuse work until false comes. */
  pressure(high: boolean): void;
  /** The disk fell below the low-water mark, or has room again. */
  diskLow(low: boolean): void;
  notice(notice: StorageNotice): void;
}

/** What an open store is made of. */
export interface StoreParts {
  readonly paths: DirectoryPaths;
  readonly tuning: StorageTuning;
  readonly lock: DirectoryLock;
  readonly database: LevelDatabase;
  readonly events: StorageEvents;
  /** As written for this start. */
  readonly watermark: Watermark;
}

/** An open store. Made by `openLevelStore` alone. */
export class LevelStore {
  readonly #paths: DirectoryPaths;
  readonly #lock: DirectoryLock;
  readonly #events: StorageEvents;
  readonly #database: LevelDatabase;
  readonly #queue: WriteQueue;
  readonly #reader: RowReader;
  readonly #watermark: WatermarkKeeper;
  readonly #space: DiskSpace;
  readonly #scrub: TableScrub;
  #hasWritten = false;
  /** One scan after the other: together they hold one thread of the pool. */
  #scans: Promise<void> = Promise.resolve();
  #poison: StorageError | null = null;
  #closing: Promise<boolean> | null = null;

  constructor({ paths, tuning, lock, database, events, watermark }: StoreParts) {
    this.#paths = paths;
    this.#lock = lock;
    this.#events = events;
    this.#database = database;
    this.#queue = new WriteQueue(
      database,
      watermark.sequence,
      { ...tuning, logBytesMax: logBytesMax(tuning) },
      {
        written: (seq) => this.#written(seq),
        failed: (cause) => void this.#fail(cause, 'writing'),
        // The queue says so within a call of `write`.
        pressure: (high) => setImmediate(() => events.pressure(high)),
      },
    );
    this.#reader = new RowReader(database, readerOptions(tuning), this.#corrupt);
    this.#watermark = new WatermarkKeeper(paths.watermark, watermark, {
      periodMs: tuning.watermarkPeriodMs,
      durableSequence: () => this.#queue.durableSequence,
      failed: (cause) => events.notice({ kind: 'watermark', message: String(cause) }),
    });
    this.#space = new DiskSpace({ ...spaceOptions(paths, tuning), onLow: (low) => events.diskLow(low) });
    this.#scrub = new TableScrub({ ...scrubOptions(paths, tuning), onDamage: this.#damagedTable });
  }

  /** Measures the disk for the first time and sets the clocks going. */
  async start(): Promise<void> {
    await this.#space.start();
    this.#watermark.start();
    this.#scrub.start();
  }

  /**
   * Stores all rows in one atomic batch, in order with other writes, and reports `written`. `seq` rises from call to
   * call; it is the machine's own count and means nothing to a later opening.
   */
  write(seq: number, rows: readonly RowWrite[]): void {
    this.#queue.write(seq, rows);
  }

  /** Answers with one entry for each row, in order, showing at least every write reported. Never after poison or close. */
  read(rows: readonly string[], then: (rows: readonly ReadRow[]) => void): void {
    this.#reader.read(rows, then);
  }

  /** Answers with one page of rows in ascending order, as of one moment. Never after poison or close. */
  scan(range: ScanRange, then: (page: ScanPage) => void): void {
    this.#scans = this.#scans.then(() => this.#scan(range, then));
  }

  /** Whether the disk is below its low-water mark. */
  get diskLow(): boolean {
    return this.#space.low;
  }

  /** Free bytes of the file system, as of the last second. */
  get diskFreeBytes(): number {
    return this.#space.freeBytes;
  }

  /** Bytes of writes that no batch on its way carries yet. */
  get queuedBytes(): number {
    return this.#queue.queuedBytes;
  }

  /** Bytes of all tables, by LevelDB's index of them: near enough, and no file is looked at. */
  async usedBytes(): Promise<number> {
    return this.#database.approximateSize('', '\u{10ffff}', { keyEncoding: 'utf8' });
  }

  /** Brings the watermark up to the newest durable batch. It does so by itself; a test may not want to wait. */
  markWatermark(): Promise<void> {
    return this.#watermark.mark();
  }

  /**
   * Ends the store. With `clean`, first waits for everything written, and marks the shutdown as clean, last of all;
   * the answer is whether that mark is there. Otherwise what waits is dropped, as by a crash.
   */
  close(clean: boolean): Promise<boolean> {
    this.#closing ??= this.#close(clean);
    return this.#closing;
  }

  async #close(clean: boolean): Promise<boolean> {
    const drained = clean && this.#poison === null && (await this.#queue.drain());
    await this.#queue.stop();
    await Promise.all([this.#reader.stop(), this.#scans, this.#space.stop(), this.#scrub.stop()]);
    try {
      await this.#watermark.stop();
      await this.#database.close();
      return drained && (await this.#markClean());
    } finally {
      await this.#lock.release();
    }
  }

  /** Without the mark the next start is only more careful, so a disk that does not take it is no error. */
  async #markClean(): Promise<boolean> {
    try {
      await this.#watermark.markClean().catch(async (cause: unknown) => {
        if (!isNoSpace(cause) || !(await releaseBallast(this.#paths.ballast))) throw cause;
        await this.#watermark.markClean();
      });
      return true;
    } catch (cause) {
      this.#events.notice({ kind: 'watermark', message: String(cause) });
      return false;
    }
  }

  async #scan(range: ScanRange, then: (page: ScanPage) => void): Promise<void> {
    if (this.#isOver()) return;
    let page: ScanPage;
    try {
      page = await scanMachineRows(this.#database, range);
    } catch (cause) {
      return this.#fail(cause, 'scanning');
    }
    if (this.#isOver()) return;
    for (const [row, value] of page.rows) if (value === 'corrupt') this.#corrupt(row);
    then(page);
  }

  #written(seq: number): void {
    // The first batch of the machine is marked at once: a directory that has lost it must not look new.
    if (!this.#hasWritten) void this.#watermark.mark();
    this.#hasWritten = true;
    this.#events.written(seq);
  }

  #isOver(): boolean {
    return this.#poison !== null || this.#closing !== null;
  }

  async #fail(cause: unknown, doing: string): Promise<void> {
    if (this.#isOver()) return;
    const error = storageErrorOf(cause, this.#paths.rows, doing);
    this.#end(error);
    // Reopening cures a failed write, but not tables that cannot be read: those are set aside at the next start.
    if (error.code === 'damaged') await markDamaged(this.#paths, error.message).catch(() => undefined);
    this.#events.poisoned(error);
  }

  #damagedTable = async (table: string): Promise<void> => {
    if (this.#isOver()) return;
    const error = new StorageError('damaged', `${table} is not as it was written`);
    this.#end(error);
    await markSuspect(this.#paths, error.message).catch(() => undefined);
    this.#events.poisoned(error);
  };

  /** After this nothing is reported of any write, because nothing is known of any. */
  #end(error: StorageError): void {
    this.#poison = error;
    void this.#queue.stop();
    void this.#reader.stop();
  }

  #corrupt = (row: string): void => this.#events.notice({ kind: 'corrupt', row });
}

function readerOptions(tuning: StorageTuning) {
  return {
    turnMs: tuning.readTurnMs,
    slowMs: tuning.readSlowMs,
    pauseMsMin: tuning.readPauseMsMin,
    pauseMsMax: tuning.readPauseMsMax,
    callRowsMax: tuning.readCallRowsMax,
  };
}

function spaceOptions(paths: DirectoryPaths, tuning: StorageTuning) {
  return {
    freeBytes: () => freeBytesOf(paths.root),
    ballast: paths.ballast,
    lowBytes: tuning.diskLowBytes,
    highBytes: tuning.diskHighBytes,
    ballastBytes: tuning.ballastBytes,
    pollMs: tuning.diskPollMs,
  };
}

function scrubOptions(paths: DirectoryPaths, tuning: StorageTuning) {
  return {
    directory: paths.rows,
    pauseMsPerMiB: tuning.scrubPauseMsPerMiB,
    passMsMin: tuning.scrubPassMsMin,
  };
}
