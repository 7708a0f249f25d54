import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type LevelDatabase, makeLevelDatabase, openLevelDatabase } from './level-database.ts';
import { StorageError } from './storage-error.ts';

/** The least LevelDB accepts: the lock's database holds nothing. */
const lockSizes = { writeBufferBytes: 65_536, cacheBytes: 1024 };

/**
 * One process at a time: an empty LevelDB database whose lock on its `LOCK` file the operating system releases when
 * the process dies, however it dies. Node has no call for such a lock, and the lock of the database with the rows
 * is not enough, because a damaged one is renamed, which must not happen under a process that is using it.
 */
export class DirectoryLock {
  readonly #database: LevelDatabase;

  private constructor(database: LevelDatabase) {
    this.#database = database;
  }

  /** Takes the lock of the data directory `directory`; rejects with `locked` at once if another process has it. */
  static async take(directory: string): Promise<DirectoryLock> {
    const path = join(directory, 'lock');
    await mkdir(path, { recursive: true });
    for (let attempt = 1; ; attempt++) {
      const files = await readdir(path);
      const database = makeLevelDatabase(path, lockSizes);
      try {
        await openLevelDatabase(database, files.includes('CURRENT'));
        return new DirectoryLock(database);
      } catch (cause) {
        if (!(cause instanceof StorageError)) throw cause;
        if (cause.code === 'locked')
          throw new StorageError(
            'locked',
            `the data directory ${directory} is in use by another process`,
            cause,
          );
        if (cause.code !== 'damaged' || attempt > 1) throw cause;
        await removeAllButLock(path);
      }
    }
  }

  async release(): Promise<void> {
    await this.#database.close();
  }
}

/** A power cut can spoil even an empty database. The file that is locked stays, so whoever holds it keeps it. */
async function removeAllButLock(path: string): Promise<void> {
  for (const name of await readdir(path)) {
    if (name !== 'LOCK') await rm(join(path, name), { force: true, recursive: true });
  }
}
