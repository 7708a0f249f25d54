import { execFile } from 'node:child_process';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { StorageError } from './storage-error.ts';
import { openQuietly, withDirectory } from './store.test-kit.ts';
import { AckedWriter, verifyDirectory, whyNoMount, withTmpfs } from './store-process.test-kit.ts';

const noMount = await whyNoMount();

async function refusal(directory: string): Promise<{ code: string; message: string }> {
  const error: unknown = await openQuietly(directory).then(
    () => 'it opened',
    (cause) => cause,
  );
  if (!(error instanceof StorageError)) throw error;
  return { code: error.code, message: error.message };
}

describe('a data directory that cannot be used', { timeout: 60_000 }, () => {
  it('is refused to a second process, until the first one is gone', async () => {
    await withDirectory(async (directory) => {
      const writer = new AckedWriter(directory);
      await writer.hasAcked(100);
      expect(await refusal(directory)).toEqual({
        code: 'locked',
        message: `the data directory ${directory} is in use by another process`,
      });
      const before = writer.acked;
      await writer.hasAcked(before + 100);
      await writer.kill();
      const { whole, strays, historyIntact, cleanShutdown, doubts } = await verifyDirectory(directory);
      expect(whole).toBeGreaterThanOrEqual(writer.acked);
      expect({ strays, historyIntact, cleanShutdown, doubts }).toEqual({
        strays: 0,
        historyIntact: true,
        cleanShutdown: false,
        doubts: [],
      });
    });
  });

  it('is refused when it is a file, or below one', async () => {
    await withDirectory(async (directory) => {
      await writeFile(directory, '');
      const message = (path: string) => `the data directory ${path} is not a directory`;
      expect(await refusal(directory)).toEqual({ code: 'not_a_directory', message: message(directory) });
      const below = join(directory, 'below');
      expect(await refusal(below)).toEqual({ code: 'not_a_directory', message: message(below) });
      await rm(directory);
    });
  });

  it.skipIf(noMount !== null)(
    `is refused when it cannot be written${noMount === null ? '' : ` (skipped: ${noMount})`}`,
    async () => {
      await withTmpfs('size=16m', async (path) => {
        const { storage } = await openQuietly(join(path, 'data'));
        await storage.close();
        await promisify(execFile)('mount', ['-o', 'remount,ro', path]);
        expect(await refusal(join(path, 'data'))).toEqual({
          code: 'unwritable',
          message: `the data directory ${join(path, 'data')} cannot be written by this process`,
        });
      });
    },
  );

  it('is refused when a newer release has written it, and left as it is', async () => {
    await withDirectory(async (directory) => {
      await (await openQuietly(directory)).storage.close();
      const identity = join(directory, 'identity.json');
      await writeFile(identity, (await readFile(identity, 'utf8')).replace('"format":1', '"format":2'));
      const before = await readdir(join(directory, 'rows'));
      expect(await refusal(directory)).toEqual({
        code: 'newer_format',
        message: `${directory} was written in format 2 by a newer release; this one knows formats up to 1`,
      });
      expect(await readdir(join(directory, 'rows'))).toEqual(before);
    });
  });

  it('is not refused because a power cut has spoiled the files of its lock', async () => {
    await withDirectory(async (directory) => {
      await (await openQuietly(directory)).storage.close();
      const lock = join(directory, 'lock');
      for (const name of await readdir(lock))
        if (name.startsWith('MANIFEST')) await truncate(join(lock, name), 3);
      const { storage } = await openQuietly(directory);
      expect((await refusal(directory)).code).toBe('locked');
      await storage.close();
    });
  });
});
