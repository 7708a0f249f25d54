/**
 * What a start finds: opens the rows and decides whether anything acknowledged may be missing. The doubts it can
 * have, and what raises each, are listed in docs/decisions/0041.
 */
import {
  type DirectoryPaths,
  type Identity,
  readIdentity,
  sameIdentityFile,
  writeIdentity,
} from './directory.ts';
import { replaceFile } from './durable-file.ts';
import type { LevelDatabase } from './level-database.ts';
import { type Past, readPast } from './past.ts';
import { exists, type MakeDatabase, type OpenedRows, openRows } from './rows-opening.ts';
import { readWatermark, type Watermark, writeWatermark } from './watermark.ts';

/** A database whose past has been looked into, before anything is written to it. */
export interface Recovered {
  readonly database: LevelDatabase;
  readonly identity: Identity;
  /** Reasons to believe that something acknowledged is missing; none if the history is intact. */
  readonly doubts: readonly string[];
  /** The machine has never stored anything here, and nothing suggests otherwise. */
  readonly fresh: boolean;
  readonly cleanShutdown: boolean;
  /** Starts before this one, and how many in a row, up to this one, found no clean stop. */
  readonly bootCounter: number;
  readonly uncleanStarts: number;
  /** Number of the newest batch that is, or was, durable. */
  readonly sequence: number;
  readonly quarantined: OpenedRows['quarantined'];
}

export interface RecoveryOptions {
  readonly paths: DirectoryPaths;
  readonly makeDatabase: MakeDatabase;
  readonly newInstanceId: () => string;
  /** Bytes of tables looked at after a crash. After a second one in a row, which they may have caused, it is all. */
  readonly checkBytesMax: number;
}

/** Looks into the directory, whose lock the caller holds. Rejects with a `StorageError` if it cannot be used now. */
export async function recover(options: RecoveryOptions): Promise<Recovered> {
  const { paths, makeDatabase, newInstanceId } = options;
  const known = await readIdentity(paths);
  const watermark = await readWatermark(paths.watermark);
  if (known === null && watermark === null && !(await exists(paths.rows)))
    await begin(paths, newInstanceId());
  const uncleanStarts = countUnclean(watermark);
  await noteAttempt(paths, watermark, uncleanStarts);
  const opened = await openRows({
    paths,
    makeDatabase,
    checkBytesMax: await bytesToCheck(options, uncleanStarts),
    neverServed: readable(watermark)?.bootCounter === 0,
  });
  try {
    const past = await readPast(opened.database);
    const found = known ?? (await readIdentity(paths));
    const identity = found ?? (await writeIdentity(paths, past.note?.instanceId ?? newInstanceId()));
    const doubts = [
      ...opened.doubts,
      ...watermarkDoubts(watermark, past),
      ...identityDoubts(known, watermark, past),
      ...gapDoubts(past),
      ...((await exists(paths.restored)) ? ['an operator restored this directory from a copy'] : []),
    ];
    return { ...summary(watermark, past), identity, doubts, uncleanStarts, ...pick(opened, doubts, past) };
  } catch (cause) {
    await opened.database.close();
    throw cause;
  }
}

/** Marks the rows as beyond use, durably: the next start sets them aside. */
export async function markDamaged(paths: DirectoryPaths, reason: string): Promise<void> {
  await replaceFile(paths.damaged, `${reason}\n`);
}

/** Asks the next start, durably, to look at every table before it opens them. */
export async function markSuspect(paths: DirectoryPaths, reason: string): Promise<void> {
  await replaceFile(paths.suspect, `${reason}\n`);
}

/**
 * A new directory. The watermark of no start at all is written before the database is made: should the power fail in
 * the middle of that, the next start knows that nothing was ever served from here.
 */
async function begin(paths: DirectoryPaths, instanceId: string): Promise<void> {
  const { file } = await writeIdentity(paths, instanceId);
  const nothing = { bootCounter: 0, sequence: 0, clean: false, uncleanStarts: 0 };
  await writeWatermark(paths.watermark, { ...nothing, identityFile: file });
}

/**
 * Takes the clean mark away and counts the attempt before LevelDB sees its files: should it take the process down with
 * it, the next start knows that there was a crash and looks at the tables first.
 */
async function noteAttempt(
  paths: DirectoryPaths,
  watermark: FoundWatermark,
  uncleanStarts: number,
): Promise<void> {
  const found = readable(watermark);
  if (found !== null) await writeWatermark(paths.watermark, { ...found, clean: false, uncleanStarts });
}

type FoundWatermark = Watermark | 'damaged' | null;

function readable(watermark: FoundWatermark): Watermark | null {
  return watermark === 'damaged' ? null : watermark;
}

function countUnclean(watermark: FoundWatermark): number {
  const found = readable(watermark);
  return found === null || found.clean || found.bootCounter === 0 ? 0 : found.uncleanStarts + 1;
}

async function bytesToCheck(
  { paths, checkBytesMax }: RecoveryOptions,
  uncleanStarts: number,
): Promise<number> {
  if (uncleanStarts > 1 || (await exists(paths.suspect))) return Number.POSITIVE_INFINITY;
  return uncleanStarts === 1 ? checkBytesMax : 0;
}

function summary(watermark: FoundWatermark, past: Past) {
  const found = readable(watermark);
  return {
    cleanShutdown: found?.clean === true && found.sequence === past.highest,
    bootCounter: Math.max(past.note?.bootCounter ?? 0, found?.bootCounter ?? 0),
    sequence: Math.max(past.highest, found?.sequence ?? 0),
  };
}

function pick({ database, quarantined }: OpenedRows, doubts: readonly string[], past: Past) {
  return { database, quarantined, fresh: doubts.length === 0 && past.empty };
}

function watermarkDoubts(watermark: FoundWatermark, past: Past): string[] {
  if (watermark === 'damaged') return ['the watermark cannot be read'];
  if (watermark === null) return past.note === null && past.empty ? [] : ['the watermark is missing'];
  if (past.highest >= watermark.sequence) return [];
  return [`the newest batch is ${past.highest}, but batch ${watermark.sequence} was durable`];
}

function identityDoubts(identity: Identity | null, watermark: FoundWatermark, past: Past): string[] {
  const found = readable(watermark);
  if (identity === null)
    return found === null && past.empty ? [] : ['the identity of the directory is missing'];
  if (past.note !== null && past.note.instanceId !== identity.instanceId)
    return ['the rows belong to another data directory'];
  if (found !== null && !sameIdentityFile(found.identityFile, identity.file))
    return ['the directory is a copy of another'];
  return [];
}

function gapDoubts({ missing, corrupt }: Past): string[] {
  return [
    ...(missing > 0 ? [`${missing} batches are missing from the middle of the history`] : []),
    ...(corrupt > 0 ? [`${corrupt} rows of the store itself are damaged`] : []),
  ];
}
