import { ClassicLevel } from 'classic-level';
import { StorageError, type StorageErrorCode } from './storage-error.ts';

/** LevelDB as this store uses it: keys are text in UTF-8, values are bytes. */
export type LevelDatabase = ClassicLevel<string, Uint8Array>;

/** How to get at keys and values without a copy more than needed. */
export const rowEncoding = { keyEncoding: 'utf8', valueEncoding: 'buffer' } as const;

/** Sizes that LevelDB lets us choose. */
export interface LevelSizes {
  /** Bytes gathered in memory and in one log file before they become a table. */
  readonly writeBufferBytes: number;
  /** Bytes of table blocks kept in memory. */
  readonly cacheBytes: number;
}

/**
 * A database object that is not open yet. Blocks are not compressed: a flipped byte then spoils one row, whose own
 * checksum tells, where it would make a compressed block of many rows unreadable (docs/decisions/0042).
 */
export function makeLevelDatabase(path: string, sizes: LevelSizes): LevelDatabase {
  return new ClassicLevel(path, {
    ...rowEncoding,
    compression: false,
    writeBufferSize: sizes.writeBufferBytes,
    cacheSize: sizes.cacheBytes,
  });
}

/** Opens a database, an existing or a new one as told. Rejects with a `StorageError`: locked, damaged, no_space or io. */
export async function openLevelDatabase(database: LevelDatabase, exists: boolean): Promise<void> {
  try {
    await database.open({ createIfMissing: !exists, errorIfExists: !exists });
  } catch (cause) {
    throw storageErrorOf(cause, database.location, 'opening');
  }
}

/** The error of this store that an error of classic-level means. */
export function storageErrorOf(cause: unknown, path: string, doing: string): StorageError {
  if (cause instanceof StorageError) return cause;
  const reason = innermost(cause);
  const code = classify(reason);
  const text = reason instanceof Error ? reason.message : String(reason);
  if (code === 'locked') return new StorageError(code, `${path} is in use by another process`, cause);
  return new StorageError(code, `${doing} ${path}: ${text}`, cause);
}

/** Whether the file system has no room, by the words of LevelDB or the code of Node. */
export function isNoSpace(cause: unknown): boolean {
  const reason = innermost(cause);
  if (!(reason instanceof Error)) return false;
  return /No space left on device|Disk quota exceeded|ENOSPC|EDQUOT/.test(
    `${errorCode(reason)} ${reason.message}`,
  );
}

function classify(reason: unknown): StorageErrorCode {
  if (isNoSpace(reason)) return 'no_space';
  const code = errorCode(reason);
  if (code === 'LEVEL_LOCKED') return 'locked';
  if (code === 'LEVEL_CORRUPTION') return 'damaged';
  // A file that the manifest names, or the manifest itself, is not there; LevelDB calls that an I/O error.
  if (code === 'LEVEL_IO_ERROR' && reason instanceof Error && /No such file/.test(reason.message))
    return 'damaged';
  return 'io';
}

/** classic-level wraps what LevelDB said in "database is not open" and the like. */
function innermost(cause: unknown): unknown {
  let reason = cause;
  while (reason instanceof Error && reason.cause !== undefined) reason = reason.cause;
  return reason;
}

function errorCode(reason: unknown): string {
  return reason instanceof Error && 'code' in reason ? String(reason.code) : '';
}
