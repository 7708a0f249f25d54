/**
 * The disk of a simulated node: the contract of the real store, with every way of breaking it that the real one has.
 *
 * What is true (`#log`) and what is spoiled (`#corrupt`) are kept apart, so that the liveness phase can switch the
 * faults off (the pristine memory plus overlays of TigerBeetle's simulator). It is harsher than LevelDB where the contract
 * allows: a read never shows a batch before its sync, and a crash keeps any prefix of what was not synced.
 *
 * Loss is found out by the rules of the real store: every batch has a number, a watermark says how far the numbers
 * reached, and a hole or an end short of the watermark means that history is missing. What that cannot see is
 * simulated too: a tail lost after the last watermark, and a directory rolled back as a whole, which carries its
 * own, older, watermark. A world that uses these two must count the node's copies as gone.
 */
import { assert } from '@starling/core/base/assert.ts';
import { below, type Random, randomHex } from '@starling/core/base/random.ts';
import { compareUtf8 } from '@starling/core/base/utf8.ts';
import type { RowWrite } from '@starling/core/node/effect.ts';
import type { ReadRow } from '@starling/core/node/input.ts';
import { recoveringRow } from '@starling/core/node/ownership.ts';
import { BatchedRows } from './disk-log.ts';
import type { DiskOpening, DiskPage, DiskPort } from './disk-port.ts';
import { SortedRows } from './disk-rows.ts';

/** Sizes of one simulated disk. */
export interface SimDiskOptions {
  /** Batches between two refreshes of the watermark, at most; each refresh is drawn from 1 to this. */
  readonly watermarkBatchesMax: number;
  /** Free bytes below which the disk is low, and above which it is no longer. */
  readonly lowWaterBytes: number;
  readonly highWaterBytes: number;
}

export const defaultSimDiskOptions: SimDiskOptions = {
  watermarkBatchesMax: 32,
  lowWaterBytes: 4096,
  highWaterBytes: 8192,
};

/** A whole directory as it was. */
export interface DiskSnapshot {
  readonly rows: SortedRows;
  readonly corrupt: ReadonlySet<string>;
  readonly sequence: number;
  readonly watermark: number;
  readonly bootCounter: number;
  readonly instanceId: string;
  readonly clean: boolean;
}

export class SimDisk implements DiskPort {
  readonly #random: Random;
  readonly #options: SimDiskOptions;
  #log = new BatchedRows();
  #corrupt = new Set<string>();
  /** Batches written and not synced, oldest first. */
  #pending: (readonly RowWrite[])[] = [];
  #watermark = 0;
  #watermarkAt = 0;
  #bootCounter = 0;
  #instanceId: string;
  #clean = false;
  #isOpen = false;
  /** Something in the past of this directory is missing, beyond what numbers and watermark tell. */
  #damaged = false;
  #poisoned = false;
  #failing = false;
  #quotaBytes = Number.POSITIVE_INFINITY;
  #low = false;

  constructor(random: Random, options: Partial<SimDiskOptions> = {}) {
    this.#random = random;
    this.#options = { ...defaultSimDiskOptions, ...options };
    this.#instanceId = randomHex(random, 16);
  }

  open(): DiskOpening {
    assert(!this.#isOpen, 'a disk is opened by one process at a time');
    const fresh = this.#log.rows.size === 0 && !this.#isShort() && !this.#damaged;
    const cleanShutdown = this.#clean;
    const historyIntact = !fresh && !this.#isShort() && !this.#damaged && !this.#isMetaCorrupt();
    this.#isOpen = true;
    this.#clean = false;
    this.#damaged = false;
    this.#bootCounter++;
    this.#apply(fresh || historyIntact ? [] : [[recoveringRow, new Uint8Array(0)]]);
    this.#log.settle();
    // Where a lost write left nothing there are no bytes to be spoiled.
    for (const row of this.#corrupt) if (this.#log.rows.get(row) === null) this.#corrupt.delete(row);
    this.#markWatermark();
    // The first batch of the machine is marked at once: a directory that has lost it must not look new.
    if (fresh) this.#watermarkAt = this.#watermark + 1;
    const { bootCounter, instanceId } = this.identity;
    return { historyIntact, cleanShutdown, fresh, bootCounter, instanceId };
  }

  /** Rows have been handed over that a power cut would lose. */
  get isWriting(): boolean {
    return this.#pending.length > 0;
  }

  get identity(): { readonly bootCounter: number; readonly instanceId: string } {
    return { bootCounter: this.#bootCounter, instanceId: this.#instanceId };
  }

  write(rows: readonly RowWrite[]): boolean {
    assert(this.#isOpen, 'only an open disk is written');
    this.#pending.push(rows);
    if (this.#failing) this.#poisoned = true;
    return !this.#poisoned;
  }

  sync(): boolean {
    assert(this.#isOpen, 'only an open disk is synced');
    if (this.#failing || this.#wouldOverflow()) this.#poisoned = true;
    if (this.#poisoned) return false;
    for (const rows of this.#pending) this.#apply(rows);
    this.#pending = [];
    if (this.#log.sequence >= this.#watermarkAt) this.#markWatermark();
    return true;
  }

  read(row: string): ReadRow {
    return this.#corrupt.has(row) ? 'corrupt' : this.#log.rows.get(row);
  }

  scan(after: string, until: string, rowsMax: number, bytesMax: number): DiskPage {
    const rows: (readonly [string, ReadRow])[] = [];
    let bytes = 0;
    for (let at = this.#log.rows.indexAfter(after); ; at++) {
      const row = this.#log.rows.keyAt(at);
      if (row === undefined || compareUtf8(row, until) >= 0) return { rows, done: true };
      if (rows.length >= rowsMax || (rows.length > 0 && bytes >= bytesMax)) return { rows, done: false };
      const value = this.read(row);
      if (value instanceof Uint8Array) bytes += value.length;
      rows.push([row, value]);
    }
  }

  crash(power: boolean): void {
    this.#settle(power);
    this.#isOpen = false;
  }

  close(): void {
    this.#clean = this.#isOpen && this.sync();
    this.#settle(false);
    this.#isOpen = false;
    if (this.#clean) this.#markWatermark();
  }

  durable(row: string): Uint8Array | null {
    return this.#corrupt.has(row) ? null : this.#log.rows.get(row);
  }

  durableRows(): Iterable<string> {
    return this.#log.rows.keys().filter((row) => !this.#corrupt.has(row));
  }

  /** Bytes of everything stored. */
  get usedBytes(): number {
    return this.#log.rows.bytes;
  }

  /** Whether the disk is below its low-water mark; it stays so until it is above the high one. */
  isLow(): boolean {
    const free = this.#quotaBytes - this.usedBytes;
    this.#low = free < (this.#low ? this.#options.highWaterBytes : this.#options.lowWaterBytes);
    return this.#low;
  }

  /** From now on the disk holds at most so many bytes: a sync over it is an error. */
  setQuota(bytes: number): void {
    this.#quotaBytes = bytes;
  }

  /** From now on, or no longer, writes and syncs end in an error. */
  setFailing(failing: boolean): void {
    this.#failing = failing;
  }

  /** Bit rot: reads find a checksum that does not match, until the row is written again or the disk is healed. */
  corruptRow(row: string): boolean {
    if (this.#log.rows.get(row) === null) return false;
    this.#corrupt.add(row);
    return true;
  }

  /** Spoils one row out of all that begin with `prefix`; answers which, or null if there is none. */
  corruptAny(prefix: string): string | null {
    const from = this.#log.rows.indexAfter(prefix);
    let end = from;
    while (this.#log.rows.keyAt(end)?.startsWith(prefix)) end++;
    if (end === from) return null;
    const row = this.#log.rows.keyAt(from + below(this.#random, end - from))!;
    this.#corrupt.add(row);
    return row;
  }

  /** A disk that lied about its syncs forgets up to `batches` of them. True if the next start will notice. */
  loseTail(batches: number): boolean {
    assert(!this.#isOpen, 'a log is cut while its process is down');
    this.#log.loseTail(batches);
    this.#clean = false;
    return this.#isShort();
  }

  /** A damaged block of the log: one batch of the past is gone, those after it are there. False if there is none. */
  loseBatch(): boolean {
    assert(!this.#isOpen, 'a log is damaged while its process is down');
    const batches = this.#log.middleBatches;
    if (batches === 0) return false;
    this.#log.loseMiddle(below(this.#random, batches));
    this.#damaged = true;
    return true;
  }

  /** As `loseBatch`, but of the oldest batch that wrote `row`. */
  loseBatchOf(row: string): boolean {
    assert(!this.#isOpen, 'a log is damaged while its process is down');
    const batch = this.#log.middleBatchOf(row);
    if (batch < 0) return false;
    this.#log.loseMiddle(batch);
    this.#damaged = true;
    return true;
  }

  /** The store cannot be opened any more and is set aside: all rows gone, the directory's name and counters kept. */
  loseStore(): void {
    assert(!this.#isOpen, 'a store is set aside while its process is down');
    this.#log = new BatchedRows(new SortedRows(), this.#log.sequence);
    this.#corrupt = new Set();
    this.#clean = false;
    this.#damaged = true;
  }

  /** A new, empty directory in place of the old one. */
  wipe(): void {
    this.loseStore();
    this.#damaged = false;
    this.#log = new BatchedRows();
    this.#watermark = 0;
    this.#bootCounter = 0;
    this.#instanceId = randomHex(this.#random, 16);
  }

  /** The directory as it is on the platter now. */
  snapshot(): DiskSnapshot {
    return {
      rows: this.#log.rows.copy(),
      corrupt: new Set(this.#corrupt),
      sequence: this.#log.sequence,
      watermark: this.#watermark,
      bootCounter: this.#bootCounter,
      instanceId: this.#instanceId,
      clean: this.#clean,
    };
  }

  /**
   * Puts an older state of the directory back. `copied`: file by file, which the real store notices by its identity
   * file being another one. `rolledBack`: the whole volume, which nothing inside the directory can tell.
   */
  restore(snapshot: DiskSnapshot, how: 'copied' | 'rolledBack'): void {
    assert(!this.#isOpen, 'a directory is restored while its process is down');
    this.#log = new BatchedRows(snapshot.rows.copy(), snapshot.sequence);
    this.#corrupt = new Set(snapshot.corrupt);
    this.#watermark = snapshot.watermark;
    this.#bootCounter = snapshot.bootCounter;
    this.#instanceId = snapshot.instanceId;
    this.#clean = snapshot.clean;
    this.#damaged = how === 'copied';
  }

  /** Ends every fault that has an end: spoiled rows read as what was written, no quota, no errors. What is lost stays lost. */
  heal(): void {
    this.#corrupt.clear();
    this.#failing = false;
    this.#quotaBytes = Number.POSITIVE_INFINITY;
  }

  #apply(rows: readonly RowWrite[]): void {
    this.#log.apply(rows);
    if (this.#corrupt.size > 0) for (const [row] of rows) this.#corrupt.delete(row);
  }

  /**
   * Decides what became of batches whose sync never finished. The log keeps order, so a prefix survives; a batch
   * torn in the middle is dropped whole. When only the process died, its writes are the operating system's and mostly survive.
   */
  #settle(power: boolean): void {
    const count = this.#pending.length;
    if (count > 0) {
      const all = !power && !this.#poisoned && below(this.#random, 2) === 0;
      const kept = all ? count : below(this.#random, count + 1);
      for (const rows of this.#pending.slice(0, kept)) this.#apply(rows);
    }
    this.#pending = [];
    this.#poisoned = false;
  }

  #wouldOverflow(): boolean {
    if (this.#quotaBytes === Number.POSITIVE_INFINITY) return false;
    let bytes = this.usedBytes;
    for (const rows of this.#pending)
      for (const [row, value] of rows) bytes += row.length + (value?.length ?? 0);
    return bytes > this.#quotaBytes;
  }

  #isShort(): boolean {
    return this.#log.sequence < this.#watermark;
  }

  #isMetaCorrupt(): boolean {
    return [...this.#corrupt].some((row) => row.startsWith('m/') || row.startsWith('l/'));
  }

  #markWatermark(): void {
    this.#watermark = this.#log.sequence;
    this.#watermarkAt = this.#watermark + 1 + below(this.#random, this.#options.watermarkBatchesMax);
  }
}
