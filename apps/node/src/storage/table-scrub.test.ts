import { copyFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { nodeLimits } from '../limits.ts';
import { liveTables, tablesOf } from './manifest.ts';
import { flipBit, OpenedForTest, openQuietly, quietTuning, withDirectory } from './store.test-kit.ts';
import { checkTable } from './table-check.ts';
import { checkTables, TableScrub } from './table-scrub.ts';
import { defaultStorageTuning } from './tuning.ts';

const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => `d/${String(i).padStart(5, '0')}`);

/** A cleanly closed store of several tables, some of which LevelDB has merged and removed. */
async function closedWithTables(directory: string): Promise<string> {
  for (let life = 0; life < 6; life++) {
    const { storage } = await openQuietly(directory);
    await storage.write(rowsOf(300).map((row, i) => [row, new Uint8Array(1000).fill(i + life)]));
    await storage.close();
  }
  return join(directory, 'rows');
}

const tableFiles = async (rows: string) =>
  (await readdir(rows)).filter((name) => name.endsWith('.ldb')).map((name) => join(rows, name));

describe('looking after tables', { timeout: 60_000 }, () => {
  it('knows from the manifest which tables count', async () => {
    await withDirectory(async (directory) => {
      const rows = await closedWithTables(directory);
      const live = await liveTables(rows);
      expect(live.length).toBeGreaterThan(0);
      expect(live.toSorted()).toEqual((await tableFiles(rows)).toSorted());
      for (const table of live) expect(checkTable(await readFile(table)).kind).toBe('sound');
    });
  });

  it('makes nothing of a manifest that is cut off or nonsense', () => {
    expect(tablesOf(new Uint8Array(0)).size).toBe(0);
    expect(tablesOf(new Uint8Array(100).fill(7)).size).toBe(0);
  });

  it('is done at a start up to so many bytes, newest tables first (nodeLimits.storageBootCheckBytesMax)', async () => {
    await withDirectory(async (directory) => {
      const rows = await closedWithTables(directory);
      const tables = await liveTables(rows);
      const [newest, older] = [tables[0]!, tables[1]!];
      const { size } = await stat(newest);
      for (const table of [newest, older]) await writeFile(table, 'not a table');
      await writeFile(newest, new Uint8Array(size));
      expect((await checkTables(rows, 0)).unreadable).toEqual([]);
      expect((await checkTables(rows, size)).unreadable).toEqual([newest]);
      expect((await checkTables(rows, size + 1)).unreadable).toEqual([newest, older]);
      expect(defaultStorageTuning.bootCheckBytesMax).toBe(nodeLimits.storageBootCheckBytesMax);
    });
  });

  it('is not troubled by a table that a dying process left half written', async () => {
    await withDirectory(async (directory) => {
      const rows = await closedWithTables(directory);
      const whole = await readFile((await tableFiles(rows))[0]!);
      await writeFile(join(rows, '009999.ldb'), whole.subarray(0, whole.length / 2));
      await (await openQuietly(directory)).storage.kill();
      await writeFile(join(rows, '009999.ldb'), whole.subarray(0, whole.length / 2));
      const { storage, doubts } = await openQuietly(directory);
      expect(doubts).toEqual([]);
      await storage.close();
    });
  });

  it('goes through all tables, then rests, then goes through them again (nodeLimits.storageScrubPauseMsPerMiB, nodeLimits.storageScrubPassMsMin)', async () => {
    await withDirectory(async (directory) => {
      const rows = await closedWithTables(directory);
      const found: string[] = [];
      const scrub = new TableScrub({
        directory: rows,
        pauseMsPerMiB: 1_000_000,
        passMsMin: 60_000,
        onDamage: (table) => found.push(table),
      });
      const count = (await liveTables(rows)).length;
      expect(await scrub.next()).toBe(0);
      for (let i = 0; i < count; i++) expect(await scrub.next()).toBeGreaterThan(1000);
      expect(await scrub.next()).toBeGreaterThan(50_000);
      const table = (await liveTables(rows))[0]!;
      await copyFile(table, `${table}.saved`);
      await flipBit(table, 100, 1);
      for (let i = 0; i < count && found.length === 0; i++) await scrub.next();
      expect(found).toEqual([table]);
    });
  });

  it('ends the life of a store whose tables rot under it, and the next one recovers', async () => {
    await withDirectory(async (directory) => {
      const rows = await closedWithTables(directory);
      const tuning = { ...quietTuning, scrubPauseMsPerMiB: 1, scrubPassMsMin: 1 };
      const storage = await OpenedForTest.open({ directory, tuning });
      const table = (await liveTables(rows)).at(-1)!;
      await flipBit(table, (await readFile(table)).indexOf(new Uint8Array(300).fill(9)), 0);
      await vi.waitFor(() => expect(storage.poison?.code).toBe('damaged'), 20_000);
      expect(await storage.store.close(true)).toBe(false);
      const next = await openQuietly(directory);
      expect(next.doubts).toEqual(['rows are spoiled in 1 tables']);
      expect(next.storage.boot).toMatchObject({ historyIntact: false, fresh: false });
      const values = await next.storage.read(rowsOf(300));
      expect(values.filter((value) => value === 'corrupt').length).toBeLessThanOrEqual(1);
      expect(values.every((value) => value !== null)).toBe(true);
      await next.storage.close();
    });
  });
});
