/** Looking at table files one after the other: at a start that follows a crash, and slowly for ever while a node runs. */
import { readFile } from 'node:fs/promises';
import { type LevelDatabase, rowEncoding } from './level-database.ts';
import { liveTables } from './manifest.ts';
import { checkTable } from './table-check.ts';

/** What looking at the tables of a directory found. */
export interface TableFindings {
  readonly unreadable: readonly string[];
  /** For each table with spoiled rows, the name of a row of it that is well. */
  readonly witnesses: readonly string[];
}

/** Checks the tables of a database that is not open, newest first, until `bytesMax` bytes have been looked at. */
export async function checkTables(directory: string, bytesMax: number): Promise<TableFindings> {
  const unreadable: string[] = [];
  const witnesses: string[] = [];
  let bytes = 0;
  for (const table of bytesMax > 0 ? await liveTables(directory) : []) {
    if (bytes >= bytesMax) break;
    const file = await readIfPresent(table);
    bytes += file.length;
    const health = checkTable(file);
    if (health.kind === 'unreadable') unreadable.push(table);
    if (health.kind === 'readable') witnesses.push(health.witness);
  }
  return { unreadable, witnesses };
}

/**
 * Makes LevelDB write tables anew that hold spoiled rows, so that each spoiled row gets a sound block around it and can
 * be replaced like any other. A table at the deepest level is merged only with a newer row in its range: its witness.
 */
export async function rewriteTables(database: LevelDatabase, witnesses: readonly string[]): Promise<void> {
  for (const row of witnesses) {
    const current = await database.get<string, Uint8Array>(row, rowEncoding);
    // What it is by now, which may be nothing, is written once more.
    if (current === undefined) await database.del(row, syncedWrite);
    else await database.put<string, Uint8Array>(row, current, syncedWrite);
    await database.compactRange(row, row, { keyEncoding: 'utf8' });
  }
}

const syncedWrite = { ...rowEncoding, sync: true } as const;

export interface ScrubOptions {
  readonly directory: string;
  /** Pause after a table, in ms for each MiB of it. */
  readonly pauseMsPerMiB: number;
  /** Shortest time from the beginning of one pass over all tables to that of the next, in ms. */
  readonly passMsMin: number;
  /** A table is not as it was written. Scrubbing ends with this. */
  readonly onDamage: (table: string) => void;
}

/** Reads every table again and again at a pace that costs a few ms of each second. */
export class TableScrub {
  readonly #options: ScrubOptions;
  #timer: NodeJS.Timeout | null = null;
  #left: string[] = [];
  #passEndsAt = 0;
  #checking: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: ScrubOptions) {
    this.#options = options;
  }

  start(): void {
    this.#later(this.#options.pauseMsPerMiB);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#checking;
  }

  /** Looks at one table, or begins a new pass. Answers after how many ms to go on; null if there is damage. */
  async next(): Promise<number | null> {
    const { directory, pauseMsPerMiB, passMsMin, onDamage } = this.#options;
    const table = this.#left.pop();
    if (table === undefined) return this.#beginPass(passMsMin);
    const file = await readIfPresent(table);
    const sound = checkTable(file).kind === 'sound';
    // One that LevelDB has removed in the meantime is no longer anybody's.
    if (sound || !(await liveTables(directory)).includes(table))
      return (file.length / 1_048_576) * pauseMsPerMiB;
    onDamage(table);
    return null;
  }

  async #beginPass(passMsMin: number): Promise<number> {
    const now = performance.now();
    const waitMs = Math.max(0, this.#passEndsAt - now);
    this.#passEndsAt = now + waitMs + passMsMin;
    this.#left = [...(await liveTables(this.#options.directory))];
    return waitMs;
  }

  #later(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#checking = this.next().then((pauseMs) => {
        if (pauseMs !== null) this.#later(pauseMs);
      });
    }, delayMs);
    this.#timer.unref();
  }
}

/** The bytes of a file; none at all if it is not there. */
async function readIfPresent(path: string): Promise<Uint8Array> {
  return readFile(path).catch(() => new Uint8Array(0));
}
