/** A disk that fills up, for real: a small tmpfs. LevelDB on its own loses acknowledged writes here. */
import { appendFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { OpenedForTest, quietTuning } from './store.test-kit.ts';
import { whyNoMount, withTmpfs } from './store-process.test-kit.ts';

const noMount = await whyNoMount();
const title = noMount === null ? 'a full disk' : `a full disk (skipped: ${noMount})`;
const ballastBytes = 8_388_608;
const tuning = { ...quietTuning, ballastBytes, diskPollMs: 5 };
const eventually = (check: () => unknown) => vi.waitFor(check, 20_000);
const sizeOf = async (path: string) =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

/** Rows of 64 KiB, each told apart from all others, and which of them were promised. */
class Filler {
  readonly promised: number[] = [];
  #next = 0;

  /** Ends at the latest when the store is poisoned. */
  async writeUntil(storage: OpenedForTest, isOver: () => boolean): Promise<void> {
    while (!isOver() && storage.poison === null) {
      const writes = Array.from({ length: 4 }, () => this.#write(storage, this.#next++));
      await Promise.all(writes);
    }
  }

  async missing(storage: OpenedForTest): Promise<number[]> {
    const missing: number[] = [];
    for (const i of this.promised) {
      const [row] = await storage.read([`d/${i}`]);
      if (!(row instanceof Uint8Array) || Buffer.compare(row, content(i)) !== 0) missing.push(i);
    }
    return missing;
  }

  async #write(storage: OpenedForTest, i: number): Promise<void> {
    await storage.write([[`d/${i}`, content(i)]]).then(
      () => this.promised.push(i),
      () => undefined,
    );
  }
}

/** Takes what is left. */
async function fillUp(path: string): Promise<void> {
  for (const bytes of [1_048_576, 4096]) {
    while (
      await appendFile(path, Buffer.alloc(bytes)).then(
        () => true,
        () => false,
      )
    );
  }
}

const content = (i: number) => new Uint8Array(65_536).map((_, at) => (at * 7 + i * 13) & 255);

describe.skipIf(noMount !== null)(title, { timeout: 120_000 }, () => {
  it('poisons the store, which opens again on its ballast with every promised write, then and after more', async () => {
    await withTmpfs('size=64m', async (path) => {
      const directory = join(path, 'data');
      const foreign = join(path, 'foreign');
      await writeFile(foreign, Buffer.alloc(20_000_000));
      const filler = new Filler();
      const first = await OpenedForTest.open({ directory, tuning });
      await eventually(async () => expect(await sizeOf(join(directory, 'ballast'))).toBe(ballastBytes));
      await filler.writeUntil(first, () => false);
      expect(first.poison?.code).toBe('no_space');
      expect(await first.store.close(true)).toBe(false);
      expect(filler.promised.length).toBeGreaterThan(50);

      await fillUp(join(path, 'more'));
      const second = await OpenedForTest.open({ directory, tuning });
      expect(await sizeOf(join(directory, 'ballast'))).toBe(0);
      expect(second.boot).toMatchObject({ historyIntact: true, cleanShutdown: false });
      expect(await filler.missing(second)).toEqual([]);

      await rm(foreign);
      // LevelDB may have met the full disk in the background once more, and must then be opened once more.
      let storage = second;
      const enough = filler.promised.length + 100;
      for (let opens = 0; opens < 3 && filler.promised.length < enough; opens++) {
        await filler.writeUntil(storage, () => filler.promised.length >= enough);
        await storage.kill();
        storage = await OpenedForTest.open({ directory, tuning });
        expect(storage.boot.historyIntact).toBe(true);
      }
      expect(filler.promised.length).toBeGreaterThanOrEqual(enough);
      expect(await filler.missing(storage)).toEqual([]);
      await storage.close();
    });
  });

  it('does not keep a store from being closed in order', async () => {
    await withTmpfs('size=64m', async (path) => {
      const directory = join(path, 'data');
      const storage = await OpenedForTest.open({ directory, tuning });
      await eventually(async () => expect(await sizeOf(join(directory, 'ballast'))).toBe(ballastBytes));
      await storage.write([['d/1', content(1)]]);
      await fillUp(join(path, 'more'));
      expect(await storage.store.close(true)).toBe(true);
      await fillUp(join(path, 'more'));
      await rm(join(path, 'more'));
      const next = await OpenedForTest.open({ directory, tuning: { ...tuning, ballastBytes: 0 } });
      expect(next.boot).toMatchObject({ cleanShutdown: true, historyIntact: true });
      await fillUp(join(path, 'more'));
      expect(await next.store.close(true)).toBe(false);
      expect(next.notices.map(({ kind }) => kind)).toEqual(['watermark']);
    });
  });

  it('is announced before it comes, and its end too', async () => {
    await withTmpfs('size=64m', async (path) => {
      const directory = join(path, 'data');
      const marks = { ...tuning, ballastBytes: 0, diskLowBytes: 20_000_000, diskHighBytes: 30_000_000 };
      const foreign = join(path, 'foreign');
      const storage = await OpenedForTest.open({ directory, tuning: marks });
      expect(storage.store.diskLow).toBe(false);
      await writeFile(foreign, Buffer.alloc(50_000_000));
      await eventually(() => expect(storage.lows).toEqual([true]));
      await storage.write([['d/still', content(1)]]);
      await writeFile(foreign, Buffer.alloc(38_000_000));
      await writeFile(foreign, Buffer.alloc(1000));
      await eventually(() => expect(storage.lows).toEqual([true, false]));
      await storage.close();
      await writeFile(foreign, Buffer.alloc(50_000_000));
      const next = await OpenedForTest.open({ directory, tuning: marks });
      expect(next.store.diskLow).toBe(true);
      expect(next.lows).toEqual([true]);
      await next.close();
    });
  });
});
