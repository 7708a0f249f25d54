/** Looking at table files one after the other: at a start that follows a crash, and slowly for ever while a node runs. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type LevelDatabase, rowEncoding } from './level-database.ts';
import { checkTable } from './table-check.ts';

/** What looking at the tables of a directory found. */
export interface TableFindings {
  readonly unreadable: readonly string[];
  /** For each table with spoiled rows, the name of a row of it that is well. */
  readonly witnesses: readonly string[];
}

/** Checks tables, newest first, until `bytesMax` bytes have been looked at. */
export async function checkTables(directory: string, bytesMax: number): Promise<TableFindings> {
  const unreadable: string[] = [];
  const witnesses: string[] = [];
  let bytes = 0;
  for (const name of (await tableNames(directory)).reverse()) {
    if (bytes >= bytesMax) break;
    const file = await readFile(join(directory, name));
    bytes += file.length;
    const health = checkTable(file);
    if (health.kind === 'unreadable') unreadable.push(name);
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
  /** A table younger than this, in ms, may still be being written. */
  readonly ageMsMin: number;
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
    const { directory, pauseMsPerMiB, passMsMin, ageMsMin, onDamage } = this.#options;
    const name = this.#left.pop();
    if (name === undefined) return this.#beginPass(passMsMin);
    const file = await readFinished(join(directory, name), ageMsMin);
    if (file === null) return 0;
    if (checkTable(file).kind === 'sound') return (file.length / 1_048_576) * pauseMsPerMiB;
    onDamage(name);
    return null;
  }

  async #beginPass(passMsMin: number): Promise<number> {
    const now = performance.now();
    const waitMs = Math.max(0, this.#passEndsAt - now);
    this.#passEndsAt = now + waitMs + passMsMin;
    this.#left = await tableNames(this.#options.directory);
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

/** The bytes of a table; null if LevelDB has removed it in the meantime, or may still be writing it. */
async function readFinished(path: string, ageMsMin: number): Promise<Uint8Array | null> {
  try {
    const { mtimeMs } = await stat(path);
    return Date.now() - mtimeMs < ageMsMin ? null : await readFile(path);
  } catch {
    return null;
  }
}

/** Names of all tables, oldest first. */
async function tableNames(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((): string[] => []);
  const tables = names.filter((name) => /^\d+\.(ldb|sst)$/.test(name));
  return tables.toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}
