/**
 * Getting at the rows: looks at LevelDB's files before LevelDB does, sets a database aside that must not or cannot be
 * opened, and says what was found on the way. Nothing is ever removed but what LevelDB itself removes.
 */
import { readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DirectoryPaths } from './directory.ts';
import { removeFile, syncDirectory } from './durable-file.ts';
import { type LevelDatabase, openLevelDatabase } from './level-database.ts';
import { logsWithHiddenRecords } from './log-tail.ts';
import { StorageError } from './storage-error.ts';
import { checkTables, rewriteTables } from './table-scrub.ts';

export type MakeDatabase = (path: string) => LevelDatabase;

/** Rows that are open, and what had to be done for it. */
export interface OpenedRows {
  readonly database: LevelDatabase;
  readonly doubts: readonly string[];
  /** Where an unusable database went, if there was one. */
  readonly quarantined: { readonly path: string; readonly reason: string } | null;
}

export interface RowsOpeningOptions {
  readonly paths: DirectoryPaths;
  readonly makeDatabase: MakeDatabase;
  /** Bytes of tables to look at first, newest tables first. */
  readonly checkBytesMax: number;
  /** Nothing was ever served from here, so nothing can be missing. */
  readonly neverServed: boolean;
}

export async function openRows(options: RowsOpeningOptions): Promise<OpenedRows> {
  const { paths, makeDatabase, checkBytesMax } = options;
  const reason = (await damageMark(paths)) ?? (await missingCurrent(paths.rows));
  if (reason !== null) return replaceRows(options, reason);
  const { unreadable, witnesses } = await checkTables(paths.rows, checkBytesMax);
  if (unreadable.length > 0) return replaceRows(options, `table ${unreadable.join(', ')} is damaged`);
  const hiddenRecords = await logsWithHiddenRecords(paths.rows);
  try {
    const database = await open(paths, makeDatabase);
    await rewriteTables(database, witnesses);
    const doubts = [...(await logDoubts(paths.rows, hiddenRecords)), ...tableDoubts(witnesses)];
    return { database, doubts, quarantined: null };
  } catch (cause) {
    if (!(cause instanceof StorageError) || cause.code !== 'damaged') throw cause;
    return replaceRows(options, cause.message);
  }
}

/** Renames the rows aside and opens an empty database in their place. */
async function replaceRows(options: RowsOpeningOptions, reason: string): Promise<OpenedRows> {
  const { paths, makeDatabase, neverServed } = options;
  const path = await freeName(`${paths.rows}.aside`);
  if (await exists(paths.rows)) await rename(paths.rows, path);
  await syncDirectory(paths.root);
  await removeFile(paths.damaged);
  const database = await open(paths, makeDatabase);
  if (neverServed) return { database, doubts: [], quarantined: null };
  return { database, doubts: [`the rows could not be used: ${reason}`], quarantined: { path, reason } };
}

async function open(paths: DirectoryPaths, makeDatabase: MakeDatabase): Promise<LevelDatabase> {
  const present = await exists(join(paths.rows, 'CURRENT'));
  const database = makeDatabase(paths.rows);
  await openLevelDatabase(database, present);
  return database;
}

async function damageMark(paths: DirectoryPaths): Promise<string | null> {
  const text = await readFile(paths.damaged, 'utf8').catch(() => null);
  return text === null ? null : text.trim() || 'marked as damaged';
}

/** Without its `CURRENT` file LevelDB would take the directory for a new database, and remove every table in it. */
async function missingCurrent(rows: string): Promise<string | null> {
  const files = await readdir(rows).catch((): string[] => []);
  const tables = files.filter((name) => /^(MANIFEST-\d+|\d+\.(ldb|sst|log))$/.test(name));
  return tables.length > 0 && !files.includes('CURRENT') ? `${rows}/CURRENT is missing` : null;
}

/**
 * What LevelDB noted about its logs while it opened. It drops damaged parts of a log without an error and says so only
 * in its own log file; a tail that ends in the middle of a record, as after a power cut, is no damage and is not noted.
 */
async function logDoubts(rows: string, hiddenRecords: number): Promise<string[]> {
  const text = await readFile(join(rows, 'LOG'), 'utf8').catch(() => '');
  const dropped = text.split('\n').filter((line) => /: dropping \d+ bytes; |Ignoring error /.test(line));
  return [
    ...(dropped.length > 0 ? [`LevelDB dropped damaged parts of its log ${dropped.length} times`] : []),
    ...(hiddenRecords > 0 ? ['LevelDB took a damaged record of its log for an unfinished one'] : []),
  ];
}

function tableDoubts(witnesses: readonly string[]): string[] {
  return witnesses.length > 0 ? [`rows are spoiled in ${witnesses.length} tables`] : [];
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function freeName(prefix: string): Promise<string> {
  for (let number = 1; ; number++) if (!(await exists(`${prefix}-${number}`))) return `${prefix}-${number}`;
}
