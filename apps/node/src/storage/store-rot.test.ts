/** What a flipped bit, a cut file or a missing one in LevelDB's own files comes to. Every test opens a real store. */
import { cp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recoveringRow } from '@starling/core/node/ownership.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flipBit, newestFile, openQuietly, putBack, spoilRow, withDirectory } from './store.test-kit.ts';
import { readWatermark, type Watermark, writeWatermark } from './watermark.ts';

const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => `d/${String(i).padStart(4, '0')}`);
const bytesOf = (i: number) => new Uint8Array(30).fill(i);

/** A directory whose last `tail` batches came after its last watermark, as they are when the process was killed. */
async function killedWithTail(directory: string, marked: number, tail: number): Promise<void> {
  const { storage } = await openQuietly(directory);
  const rows = rowsOf(marked + tail);
  for (let i = 0; i < marked; i++) await storage.write([[rows[i]!, bytesOf(i)]]);
  await storage.store.markWatermark();
  for (let i = marked; i < marked + tail; i++) await storage.write([[rows[i]!, bytesOf(i)]]);
  await storage.store.close(false);
}

/** A directory whose rows are all in one table, and whose last process was killed. */
async function killedWithTable(directory: string, count: number): Promise<string> {
  const first = await openQuietly(directory);
  await first.storage.write(rowsOf(count).map((row, i) => [row, bytesOf(i)]));
  await first.storage.close();
  const second = await openQuietly(directory);
  await second.storage.kill();
  return newestFile(directory, '.ldb');
}

/** The table that holds these bytes, and where in it. */
async function tableWith(directory: string, bytes: Uint8Array): Promise<{ table: string; at: number }> {
  for (const name of await readdir(join(directory, 'rows'))) {
    const table = join(directory, 'rows', name);
    const at = name.endsWith('.ldb') ? (await readFile(table)).indexOf(bytes) : -1;
    if (at >= 0) return { table, at };
  }
  throw new Error('no table holds these bytes');
}

describe('a damaged log', { timeout: 60_000 }, () => {
  it('is noticed wherever one bit has flipped, also in batches that no watermark covers', async () => {
    await withDirectory(async (directory) => {
      await killedWithTail(directory, 1, 4);
      const log = await newestFile(directory, '.log');
      const { size } = await stat(log);
      const saved = `${directory}.saved`;
      await cp(directory, saved, { recursive: true });
      await fc.assert(
        fc.asyncProperty(fc.nat(size - 1), fc.nat(7), async (at, bit) => {
          await putBack(saved, directory);
          await flipBit(log, at, bit);
          const { storage, doubts } = await openQuietly(directory);
          expect(doubts.length).toBeGreaterThan(0);
          expect(storage.boot).toMatchObject({ historyIntact: false, fresh: false });
          await storage.kill();
        }),
        { numRuns: 60 },
      );
    });
  });

  it('is noticed when a flipped length makes its last record look unfinished', async () => {
    await withDirectory(async (directory) => {
      await killedWithTail(directory, 1, 2);
      const log = await newestFile(directory, '.log');
      const bytes = await readFile(log);
      let last = 0;
      for (let at = 0; at + 7 <= bytes.length; at += 7 + bytes.readUInt16LE(at + 4)) last = at;
      await flipBit(log, last + 5, 4);
      const { storage, doubts } = await openQuietly(directory);
      expect(doubts).toEqual(['LevelDB took a damaged record of its log for an unfinished one']);
      expect(await storage.read(rowsOf(3))).toEqual([bytesOf(0), bytesOf(1), null]);
      await storage.kill();
    });
  });

  it('that merely ends early, as after a power cut, is no damage unless it ends before the watermark', async () => {
    await withDirectory(async (directory) => {
      await killedWithTail(directory, 2, 4);
      const log = await newestFile(directory, '.log');
      const { size } = await stat(log);
      const saved = `${directory}.saved`;
      await cp(directory, saved, { recursive: true });
      await fc.assert(
        fc.asyncProperty(fc.nat(size), async (length) => {
          await putBack(saved, directory);
          await truncate(log, length);
          const { storage, doubts } = await openQuietly(directory);
          const there = (await storage.read(rowsOf(6))).map((row) => row !== null);
          const kept = there.filter(Boolean).length;
          expect(there).toEqual(rowsOf(6).map((_, i) => i < kept));
          expect(doubts.length > 0).toBe(kept < 2);
          await storage.kill();
        }),
        { numRuns: 40 },
      );
    });
  });
});

describe('a damaged table', { timeout: 60_000 }, () => {
  it('never passes a wrong value off, and never hides a row without a doubt, wherever one bit has flipped', async () => {
    await withDirectory(async (directory) => {
      const count = 40;
      const table = await killedWithTable(directory, count);
      const { size } = await stat(table);
      const saved = `${directory}.saved`;
      await cp(directory, saved, { recursive: true });
      await fc.assert(
        fc.asyncProperty(fc.nat(size - 1), fc.nat(7), async (at, bit) => {
          await putBack(saved, directory);
          await flipBit(table, at, bit);
          const { storage, doubts } = await openQuietly(directory);
          const rows = await storage.read(rowsOf(count));
          for (const [i, row] of rows.entries())
            if (row instanceof Uint8Array) expect(row).toEqual(bytesOf(i));
          const whole = rows.every((row) => row instanceof Uint8Array);
          expect(whole || doubts.length > 0).toBe(true);
          await storage.kill();
        }),
        { numRuns: 60 },
      );
    });
  });

  it('with one spoiled row keeps all others, and is written anew before it is used', async () => {
    await withDirectory(async (directory) => {
      await killedWithTable(directory, 20);
      const { table, at } = await tableWith(directory, bytesOf(7));
      await flipBit(table, at + 3, 2);
      const { storage, doubts } = await openQuietly(directory);
      expect(doubts).toEqual(['rows are spoiled in 1 tables']);
      const rows = await storage.read(rowsOf(20));
      expect(rows).toEqual(rowsOf(20).map((_, i) => (i === 7 ? 'corrupt' : bytesOf(i))));
      await storage.write([
        [rowsOf(20)[7]!, bytesOf(7)],
        [recoveringRow, null],
      ]);
      await storage.kill();
      const next = await openQuietly(directory);
      expect(next.doubts).toEqual([]);
      expect(await next.storage.read(rowsOf(20))).toEqual(rowsOf(20).map((_, i) => bytesOf(i)));
      await next.storage.close();
    });
  });

  it('that LevelDB would choke on is set aside with all the rest, and kept', async () => {
    await withDirectory(async (directory) => {
      const table = await killedWithTable(directory, 20);
      await truncate(table, (await stat(table)).size - 1);
      const { storage, quarantined } = await openQuietly(directory);
      expect(quarantined).toBe(true);
      expect(storage.boot).toMatchObject({ fresh: false, historyIntact: false, bootCounter: 3 });
      expect(await readdir(join(directory, 'rows.aside-1'))).toContain(table.split('/').at(-1));
      await storage.close();
    });
  });

  it('is looked for after a process that died while it opened, though the one before it had stopped cleanly', async () => {
    await withDirectory(async (directory) => {
      await killedWithTable(directory, 20);
      await (await openQuietly(directory)).storage.close();
      const { table, at } = await tableWith(directory, bytesOf(3));
      await flipBit(table, at, 0);
      // What the dead process has left: the attempt is noted before LevelDB is given its files.
      const watermark = join(directory, 'watermark');
      const clean = await readFile(watermark);
      const attempt = await openQuietly(directory);
      expect(attempt.doubts).toEqual([]);
      expect((await readFile(watermark)).equals(clean)).toBe(false);
      await attempt.storage.store.close(false);
      const next = await openQuietly(directory);
      expect(next.doubts).toEqual(['rows are spoiled in 1 tables']);
      await next.storage.close();
    });
  });
});

describe('a store with files missing or strange', { timeout: 60_000 }, () => {
  const lossOf = async (harm: (rows: string) => Promise<void>) => {
    await withDirectory(async (directory) => {
      await killedWithTable(directory, 20);
      await harm(join(directory, 'rows'));
      const { storage, quarantined } = await openQuietly(directory);
      expect(quarantined).toBe(true);
      expect(storage.boot).toMatchObject({ fresh: false, historyIntact: false, cleanShutdown: false });
      expect(await storage.read(rowsOf(1))).toEqual([null]);
      await storage.write([['d/new', bytesOf(1)]]);
      await storage.close();
      const next = await openQuietly(directory);
      expect(next.storage.boot.rows.map(([row]) => row)).toEqual([recoveringRow]);
      expect(await next.storage.read(['d/new'])).toEqual([bytesOf(1)]);
      await next.storage.close();
    });
  };
  const nameLike = async (rows: string, pattern: RegExp) =>
    join(rows, (await readdir(rows)).find((name) => pattern.test(name))!);

  it('sets itself aside without its CURRENT file, and removes none of the tables', () =>
    lossOf((rows) => rm(join(rows, 'CURRENT'))));
  it('sets itself aside with an empty CURRENT file', () =>
    lossOf((rows) => truncate(join(rows, 'CURRENT'), 0)));
  it('sets itself aside without its manifest', () =>
    lossOf(async (rows) => rm(await nameLike(rows, /^MANIFEST/))));
  it('sets itself aside with a manifest that is cut off', () =>
    lossOf(async (rows) => truncate(await nameLike(rows, /^MANIFEST/), 10)));
  it('sets itself aside with a flipped bit in its manifest', () =>
    lossOf(async (rows) => flipBit(await nameLike(rows, /^MANIFEST/), 12, 3)));
  it('sets itself aside without one of its tables', () =>
    lossOf(async (rows) => rm(await nameLike(rows, /ldb$/))));

  it('doubts its history without a watermark, or with one that cannot be read', async () => {
    await withDirectory(async (directory) => {
      await killedWithTail(directory, 2, 0);
      await rm(join(directory, 'watermark'));
      const first = await openQuietly(directory);
      expect(first.doubts).toEqual(['the watermark is missing']);
      await first.storage.close();
      await writeFile(join(directory, 'watermark'), '');
      const second = await openQuietly(directory);
      expect(second.doubts).toEqual(['the watermark cannot be read']);
      expect(second.storage.boot.bootCounter).toBe(3);
      await second.storage.close();
    });
  });

  it('keeps its name when the file that says it is lost, and doubts', async () => {
    await withDirectory(async (directory) => {
      await killedWithTail(directory, 2, 0);
      const { storage } = await openQuietly(directory);
      await storage.close();
      await rm(join(directory, 'identity.json'));
      const next = await openQuietly(directory);
      expect(next.storage.boot.instanceId).toBe(storage.boot.instanceId);
      expect(next.doubts).toEqual(['the identity of the directory is missing']);
      await next.storage.close();
    });
  });

  it('doubts rows that were moved in from another directory', async () => {
    await withDirectory(async (directory) => {
      await killedWithTail(directory, 2, 0);
      const other = `${directory}.other`;
      await killedWithTail(other, 2, 0);
      await rm(join(directory, 'rows'), { recursive: true });
      await rename(join(other, 'rows'), join(directory, 'rows'));
      const { storage, doubts } = await openQuietly(directory);
      expect(doubts).toContain('the rows belong to another data directory');
      await storage.close();
    });
  });

  it("believes an operator's word that the directory was restored, once", async () => {
    await withDirectory(async (directory) => {
      await killedWithTail(directory, 2, 0);
      await writeFile(join(directory, 'restored'), '');
      const { storage, doubts } = await openQuietly(directory);
      expect(doubts).toEqual(['an operator restored this directory from a copy']);
      await storage.kill();
      const next = await openQuietly(directory);
      expect(next.doubts).toEqual([]);
      expect(next.storage.boot.rows.map(([row]) => row)).toContain(recoveringRow);
      await next.storage.close();
    });
  });

  it('is new again after a first start that was cut off before it had served anybody', async () => {
    await withDirectory(async (directory) => {
      const { storage } = await openQuietly(directory);
      const { instanceId } = storage.boot;
      await storage.kill();
      // As if the power had failed while LevelDB made its first files.
      const path = join(directory, 'watermark');
      const { identityFile } = (await readWatermark(path)) as Watermark;
      await writeWatermark(path, {
        bootCounter: 0,
        sequence: 0,
        clean: false,
        uncleanStarts: 0,
        identityFile,
      });
      await rm(join(directory, 'rows', 'CURRENT'));
      const next = await openQuietly(directory);
      expect(next.storage.boot).toMatchObject({ fresh: true, bootCounter: 1, instanceId, rows: [] });
      await next.storage.close();
    });
  });
});

describe('a row spoiled while the store was closed', { timeout: 60_000 }, () => {
  it('is told of by name, and no other is', async () => {
    await withDirectory(async (directory) => {
      const { storage } = await openQuietly(directory);
      await storage.write(rowsOf(5).map((row, i) => [row, bytesOf(i)]));
      await storage.close();
      await spoilRow(directory, rowsOf(5)[2]!);
      const next = await openQuietly(directory);
      await next.storage.read(rowsOf(5));
      expect(next.storage.notices).toEqual([{ kind: 'corrupt', row: rowsOf(5)[2] }]);
      await next.storage.close();
    });
  });
});
