/**
 * Reads, gathered by turn of the event loop. LevelDB answers from memory in a few µs, for which a trip through the
 * thread pool costs five times as much; but a call on the main thread also waits for the disk, and for LevelDB's
 * mutex while it makes or removes files (45 ms were measured under a heavy load of writes). So the main thread is used
 * while that is quick, within a budget per turn; after one slow answer everything goes through the thread pool for
 * a while, longer each time it happens again (docs/decisions/0043).
 */
import type { ReadRow } from '@starling/core/node/input.ts';
import { rowEncoding } from './level-database.ts';
import { openRow } from './record-envelope.ts';

export interface RowReaderOptions {
  /** Time that one turn of the event loop may spend reading on the main thread, in ms. */
  readonly turnMs: number;
  /** A read slower than this, in ms, ends reading on the main thread for a while. */
  readonly slowMs: number;
  /** How long, at first and at most, in ms. */
  readonly pauseMsMin: number;
  readonly pauseMsMax: number;
  /** Rows asked of the thread pool in one call. */
  readonly callRowsMax: number;
}

/** What the reader needs of a database. */
export interface ReadSource {
  getSync(row: string, options: typeof rowEncoding): Uint8Array | undefined;
  get(row: string, options: typeof rowEncoding): Promise<Uint8Array | undefined>;
  getMany(rows: string[], options: typeof rowEncoding): Promise<(Uint8Array | undefined)[]>;
}

type Answer = (rows: readonly ReadRow[]) => void;

interface Ask {
  readonly rows: readonly string[];
  readonly then: Answer;
}

export class RowReader {
  readonly #database: ReadSource;
  readonly #options: RowReaderOptions;
  readonly #onCorrupt: (row: string) => void;
  #asks: Ask[] = [];
  #scheduled = false;
  #running: Promise<void> | null = null;
  #pauseMs: number;
  #pausedUntil = 0;
  #stopped = false;

  constructor(database: ReadSource, options: RowReaderOptions, onCorrupt: (row: string) => void) {
    this.#database = database;
    this.#options = options;
    this.#onCorrupt = onCorrupt;
    this.#pauseMs = options.pauseMsMin;
  }

  /** Answers in a later turn with one entry for each row, in order; after `stop`, never. */
  read(rows: readonly string[], then: Answer): void {
    this.#asks.push({ rows, then });
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  /** Answers nobody any more. Resolves when LevelDB is left alone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#asks = [];
    await this.#running;
  }

  #turn(): void {
    this.#scheduled = false;
    if (this.#stopped) return;
    const start = performance.now();
    const answers = start < this.#pausedUntil ? [] : this.#readHere(start);
    if (this.#asks.length > 0 && this.#running === null) this.#running = this.#readInPool();
    for (const { then, values } of answers) then(values);
  }

  /** Takes asks from the front until the turn's time is over. */
  #readHere(start: number): { readonly then: Answer; readonly values: readonly ReadRow[] }[] {
    const answers: { readonly then: Answer; readonly values: readonly ReadRow[] }[] = [];
    const { turnMs, callRowsMax } = this.#options;
    let taken = 0;
    for (const { rows, then } of this.#asks) {
      if (rows.length > callRowsMax || performance.now() - start > turnMs) break;
      answers.push({ then, values: rows.map((row) => this.#getSync(row)) });
      taken++;
    }
    this.#asks.splice(0, taken);
    return answers;
  }

  #getSync(row: string): ReadRow {
    const start = performance.now();
    let value: ReadRow;
    try {
      value = this.#checked(row, this.#database.getSync(row, rowEncoding));
    } catch {
      value = this.#unreadable(row);
    }
    const end = performance.now();
    if (end - start > this.#options.slowMs) this.#pause(end);
    return value;
  }

  #pause(now: number): void {
    const { pauseMsMin, pauseMsMax } = this.#options;
    const calm = now - this.#pausedUntil > 2 * this.#pauseMs;
    this.#pauseMs = calm ? pauseMsMin : Math.min(2 * this.#pauseMs, pauseMsMax);
    this.#pausedUntil = now + this.#pauseMs;
  }

  /** One call at a time, so that reads never hold more than one thread of the pool; meanwhile the next gather. */
  async #readInPool(): Promise<void> {
    while (this.#asks.length > 0 && !this.#stopped) {
      const asks = this.#takeForPool();
      const values = await this.#getMany(asks.flatMap(({ rows }) => rows));
      await this.#answer(asks, values);
    }
    this.#running = null;
  }

  #takeForPool(): Ask[] {
    let rows = 0;
    let count = 0;
    for (const ask of this.#asks) {
      if (count > 0 && rows + ask.rows.length > this.#options.callRowsMax) break;
      rows += ask.rows.length;
      count++;
    }
    return this.#asks.splice(0, count);
  }

  /** Undefined means no row, null that it could not be read. */
  async #getMany(rows: string[]): Promise<(Uint8Array | undefined | null)[]> {
    try {
      return await this.#database.getMany(rows, rowEncoding);
    } catch {
      // One unreadable row fails the whole call: ask for each by itself to learn which.
      return Promise.all(rows.map((row) => this.#database.get(row, rowEncoding).catch(() => null)));
    }
  }

  /** Checking large rows takes time too: it is spread over turns like the reading. */
  async #answer(asks: readonly Ask[], values: readonly (Uint8Array | undefined | null)[]): Promise<void> {
    let start = performance.now();
    let at = 0;
    for (const { rows, then } of asks) {
      if (this.#stopped) return;
      const first = at;
      at += rows.length;
      then(rows.map((row, index) => this.#found(row, values[first + index])));
      if (performance.now() - start < this.#options.turnMs) continue;
      await new Promise((resolve) => setImmediate(resolve));
      start = performance.now();
    }
  }

  #found(row: string, value: Uint8Array | undefined | null): ReadRow {
    return value === null ? this.#unreadable(row) : this.#checked(row, value);
  }

  #checked(row: string, sealed: Uint8Array | undefined): ReadRow {
    if (sealed === undefined) return null;
    const value = openRow(row, sealed);
    return value === 'corrupt' ? this.#unreadable(row) : value;
  }

  #unreadable(row: string): ReadRow {
    this.#onCorrupt(row);
    return 'corrupt';
  }
}
