/** The way into a data directory: its lock, a look into its past, and the first durable write of a start. */
import { randomBytes } from 'node:crypto';
import type { BootImage } from '@starling/core/node/options.ts';
import { recoveringRow } from '@starling/core/node/ownership.ts';
import { readBootRows, writeBootRecord } from './boot-record.ts';
import { type DirectoryPaths, directoryPaths, prepareDirectory } from './directory.ts';
import { releaseBallast } from './disk-space.ts';
import { removeFile } from './durable-file.ts';
import { makeLevelDatabase, storageErrorOf } from './level-database.ts';
import { DirectoryLock } from './lock.ts';
import { LevelStore, type StorageEvents, type StoreParts } from './opened-store.ts';
import { markDamaged, recover } from './recovery.ts';
import type { MakeDatabase } from './rows-opening.ts';
import { defaultStorageTuning, type StorageTuning } from './tuning.ts';
import { writeWatermark } from './watermark.ts';

export interface StoreOptions {
  /** The data directory of this node alone; made if it does not exist. */
  readonly directory: string;
  readonly events: StorageEvents;
  readonly tuning?: Partial<StorageTuning>;
  /** For tests of what only a failing engine shows. */
  readonly makeDatabase?: MakeDatabase;
}

export interface OpenedStore {
  readonly store: LevelStore;
  readonly boot: BootImage;
}

/**
 * Opens the store of a data directory, looks into its past and makes its first write durable. Rejects with a
 * `StorageError` whose message can be shown to an operator.
 */
export async function openLevelStore(options: StoreOptions): Promise<OpenedStore> {
  const paths = directoryPaths(options.directory);
  await prepareDirectory(paths.root);
  try {
    return await openWithLock(options, paths);
  } catch (cause) {
    const error = storageErrorOf(cause, paths.root, 'opening');
    // On a full disk nothing can be opened, since opening writes. This is what the ballast is for.
    if (error.code !== 'no_space' || !(await releaseBallast(paths.ballast))) throw error;
    return openWithLock(options, paths);
  }
}

async function openWithLock(options: StoreOptions, paths: DirectoryPaths): Promise<OpenedStore> {
  const tuning = { ...defaultStorageTuning, ...options.tuning };
  const lock = await DirectoryLock.take(paths.root);
  const makeDatabase = options.makeDatabase ?? ((path) => makeLevelDatabase(path, tuning));
  try {
    return await openLocked({ paths, tuning, lock, makeDatabase, events: options.events });
  } catch (cause) {
    await lock.release();
    throw cause;
  }
}

interface Opening extends Pick<StoreParts, 'paths' | 'tuning' | 'lock' | 'events'> {
  readonly makeDatabase: MakeDatabase;
}

/** Opens once, and where the rows turn out to be beyond use, once more with new ones. */
async function openLocked(opening: Opening): Promise<OpenedStore> {
  try {
    return await openRecovered(opening);
  } catch (cause) {
    const error = storageErrorOf(cause, opening.paths.rows, 'reading');
    if (error.code !== 'damaged') throw error;
    await markDamaged(opening.paths, error.message);
    return openRecovered(opening);
  }
}

async function openRecovered(opening: Opening): Promise<OpenedStore> {
  const { paths, tuning, makeDatabase, events } = opening;
  const recovered = await recover({
    paths,
    makeDatabase,
    newInstanceId: () => randomBytes(8).toString('hex'),
    checkBytesMax: tuning.bootCheckBytesMax,
  });
  const { database } = recovered;
  try {
    const { identity, fresh, cleanShutdown, uncleanStarts, quarantined } = recovered;
    const read = await readBootRows(database);
    const doubts = [...recovered.doubts, ...read.doubts];
    const { bootCounter, sequence } = await writeBootRecord(database, recovered, doubts.length > 0);
    const watermark = { bootCounter, sequence, clean: false, uncleanStarts, identityFile: identity.file };
    await writeWatermark(paths.watermark, watermark);
    await removeFile(paths.restored);
    await removeFile(paths.suspect);
    const store = new LevelStore({ ...opening, database, watermark });
    await store.start();
    if (quarantined !== null) events.notice({ kind: 'quarantined', ...quarantined });
    if (doubts.length > 0) events.notice({ kind: 'doubt', doubts });
    const rows = doubts.length > 0 ? withRecovering(read.rows) : read.rows;
    const historyIntact = !fresh && doubts.length === 0;
    const { instanceId } = identity;
    return { store, boot: { rows, historyIntact, cleanShutdown, fresh, bootCounter, instanceId } };
  } catch (cause) {
    await database.close();
    throw cause;
  }
}

function withRecovering(rows: BootImage['rows']): BootImage['rows'] {
  return [...rows.filter(([row]) => row !== recoveringRow), [recoveringRow, new Uint8Array(0)]];
}
