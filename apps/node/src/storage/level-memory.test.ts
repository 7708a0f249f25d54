import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeLimits } from '../limits.ts';
import { type LevelDatabase, makeLevelDatabase, openLevelDatabase, rowEncoding } from './level-database.ts';
import { withDirectory } from './store.test-kit.ts';
import { defaultStorageTuning } from './tuning.ts';

/** What LevelDB holds in memory and in its log, with the sizes of the product. */

const rowBytes = 65_536;
const { writeBufferBytes, cacheBytes } = defaultStorageTuning;

async function withDatabase(run: (database: LevelDatabase, path: string) => Promise<void>): Promise<void> {
  await withDirectory(async (path) => {
    const database = makeLevelDatabase(path, defaultStorageTuning);
    await openLevelDatabase(database, false);
    await run(database, path);
    await database.close();
  });
}

async function fill(database: LevelDatabase, bytes: number, each: () => Promise<void>): Promise<string[]> {
  const rows = Array.from({ length: bytes / rowBytes }, (_, i) => `d/${i}`);
  for (const row of rows) {
    await database.put<string, Uint8Array>(row, Buffer.alloc(rowBytes, row), rowEncoding);
    await each();
  }
  return rows;
}

async function logBytes(path: string): Promise<number> {
  const logs = (await readdir(path)).filter((name) => name.endsWith('.log'));
  const sizes = await Promise.all(
    logs.map((name) =>
      stat(join(path, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

it('logs hold at most two write buffers, and one row over each (nodeLimits.storageWriteBufferBytes)', async () => {
  expect(writeBufferBytes).toBe(nodeLimits.storageWriteBufferBytes);
  await withDatabase(async (database, path) => {
    let most = 0;
    await fill(database, 4 * writeBufferBytes, async () => {
      most = Math.max(most, await logBytes(path));
    });
    expect(most).toBeGreaterThan(0.9 * writeBufferBytes);
    expect(most).toBeLessThan(2 * (writeBufferBytes + 2 * rowBytes));
  });
});

it('blocks in memory stay within the cache (nodeLimits.storageCacheBytes)', async () => {
  expect(cacheBytes).toBe(nodeLimits.storageCacheBytes);
  await withDatabase(async (database) => {
    const rows = await fill(database, 2 * cacheBytes, async () => {});
    await database.compactRange('', '\u{10ffff}', { keyEncoding: 'utf8' });
    for (const row of rows) await database.get<string, Uint8Array>(row, rowEncoding);
    const held = Number(database.getProperty('leveldb.approximate-memory-usage'));
    expect(held).toBeGreaterThan(0);
    // What is written is held as well: two write buffers at most.
    expect(held).toBeLessThan(cacheBytes + 2 * (writeBufferBytes + rowBytes));
  });
});
