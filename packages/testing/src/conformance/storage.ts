/**
 * What every store of rows must do, as a suite that is run on the real one and on the simulator's. An implementer
 * gives a factory and says which ways of being harmed its subject can stage; the others are skipped by name, with the reason.
 */
import type { RowWrite } from '@starling/core/node/effect.ts';
import type { ReadRow } from '@starling/core/node/input.ts';
import type { BootImage } from '@starling/core/node/options.ts';
import { recoveringRow } from '@starling/core/node/ownership.ts';
import { describe, expect, it } from 'vitest';
import { describeRows } from './storage-rows.ts';
import {
  inFreshDirectory,
  type OpenStorage,
  type StorageFactory,
  type StorageManifest,
} from './storage-subject.ts';

/** Runs the whole suite on stores made by `factory`. */
export function describeStorage(manifest: StorageManifest, factory: StorageFactory): void {
  describe(`${manifest.name} as a store of rows`, { timeout: 60_000 }, () => {
    describeRows(factory);
    describeStarts(factory);
    describeDurability(factory);
    describeHarm(manifest, factory);
  });
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const put = (row: string, text: string): RowWrite => [row, bytes(text)];
const text = (row: ReadRow | undefined): string | null | undefined =>
  row instanceof Uint8Array ? new TextDecoder().decode(row) : row;

async function readText(storage: OpenStorage, ...rows: string[]) {
  return (await storage.read(rows)).map(text);
}

function bootRow(boot: BootImage, name: string): ReadRow {
  return boot.rows.find(([row]) => row === name)?.[1] ?? null;
}

/** Fills a log with more than one of LevelDB's blocks of 32 KiB. */
async function writeLog(storage: OpenStorage): Promise<void> {
  for (let i = 0; i < 12; i++) await storage.write([[`d/${i}`, new Uint8Array(16_384).fill(i)]]);
}

function describeStarts(factory: StorageFactory): void {
  it('calls a new directory fresh until the machine has stored something', async () => {
    await inFreshDirectory(factory, async (subject) => {
      let storage = await subject.open();
      expect(storage.boot).toMatchObject({ fresh: true, rows: [], bootCounter: 1, cleanShutdown: false });
      await storage.kill();
      storage = await subject.open();
      expect(storage.boot).toMatchObject({ fresh: true, rows: [], bootCounter: 2 });
      await storage.write([put('m/a', 'x')]);
      await storage.kill();
      storage = await subject.open();
      expect(storage.boot).toMatchObject({ fresh: false, historyIntact: true });
      await storage.close();
    });
  });

  it('counts starts and keeps the name of the directory', async () => {
    await inFreshDirectory(factory, async (subject) => {
      const names = new Set<string>();
      for (let start = 1; start <= 3; start++) {
        const storage = await subject.open();
        expect(storage.boot.bootCounter).toBe(start);
        expect(storage.boot.instanceId).toMatch(/^[0-9a-f]{16}$/);
        names.add(storage.boot.instanceId);
        await (start === 2 ? storage.kill() : storage.close());
      }
      expect(names.size).toBe(1);
    });
  });

  it('hands the rows of the kinds m, h and l to a start, and no others', async () => {
    await inFreshDirectory(factory, async (subject) => {
      let storage = await subject.open();
      await storage.write(['d/1', 'h/1', 'k/1', 'l/1', 'm/1', 'm/2', 'q/1'].map((row) => put(row, row)));
      await storage.close();
      storage = await subject.open();
      const rows = storage.boot.rows.map(([row, value]) => [row, text(value)]);
      expect(rows.toSorted()).toEqual(['h/1', 'l/1', 'm/1', 'm/2'].map((row) => [row, row]));
      await storage.close();
    });
  });

  it('tells an orderly stop from a crash, once', async () => {
    await inFreshDirectory(factory, async (subject) => {
      let storage = await subject.open();
      await storage.write([put('d/1', 'x')]);
      await storage.close();
      storage = await subject.open();
      expect(storage.boot).toMatchObject({ cleanShutdown: true, historyIntact: true });
      await storage.kill();
      storage = await subject.open();
      expect(storage.boot).toMatchObject({ cleanShutdown: false, historyIntact: true });
      await storage.close();
    });
  });
}

function describeDurability(factory: StorageFactory): void {
  it('keeps what it has reported when the process dies', async () => {
    await inFreshDirectory(factory, async (subject) => {
      let storage = await subject.open();
      for (let i = 0; i < 20; i++) await storage.write([put(`d/${i}`, String(i)), put('d/last', String(i))]);
      await storage.kill();
      storage = await subject.open();
      expect(await readText(storage, 'd/0', 'd/19', 'd/last')).toEqual(['0', '19', '19']);
      await storage.close();
    });
  });

  it('keeps a prefix of whole batches of what it has not reported', async () => {
    await inFreshDirectory(factory, async (subject) => {
      let storage = await subject.open();
      let reported = 0;
      const numbers = Array.from({ length: 60 }, (_, i) => i);
      const writes = numbers.map((i) =>
        storage.write([put(`d/a${i}`, 'x'), put(`d/b${i}`, 'x')]).then(
          () => {
            reported = i + 1;
          },
          () => undefined,
        ),
      );
      await Promise.all(writes.slice(0, 5));
      await storage.kill();
      storage = await subject.open();
      const there = await readText(storage, ...numbers.flatMap((i) => [`d/a${i}`, `d/b${i}`]));
      const kept = numbers.filter((i) => there[2 * i] !== null).length;
      expect(kept).toBeGreaterThanOrEqual(reported);
      expect(there).toEqual(numbers.flatMap((i) => (i < kept ? ['x', 'x'] : [null, null])));
      await storage.close();
    });
  });

  it('has everything after an orderly stop, also what was not reported before it', async () => {
    await inFreshDirectory(factory, async (subject) => {
      let storage = await subject.open();
      const writes = [1, 2, 3].map((i) => storage.write([put(`d/${i}`, 'x')]));
      await storage.close();
      await Promise.all(writes);
      storage = await subject.open();
      expect(await readText(storage, 'd/1', 'd/2', 'd/3')).toEqual(['x', 'x', 'x']);
      await storage.close();
    });
  });
}

function describeHarm({ harms }: StorageManifest, factory: StorageFactory): void {
  /** A test of one kind of harm, skipped with the reason where the subject cannot stage it. */
  const itUnder = (harm: keyof StorageManifest['harms'], title: string, run: () => Promise<void>) => {
    const can = harms[harm];
    if (can === true) it(title, run);
    else it.skip(`${title} (skipped: ${can})`, run);
  };

  itUnder(
    'corrupt',
    'reports a spoiled row as corrupt, never as a value or as missing, until it is written again',
    () =>
      inFreshDirectory(factory, async (subject) => {
        let storage = await subject.open();
        await storage.write([put('d/1', 'one'), put('d/2', 'two'), put('d/3', 'three')]);
        await storage.close();
        await subject.corrupt('d/2');
        storage = await subject.open();
        expect(storage.boot.historyIntact).toBe(true);
        expect(await readText(storage, 'd/1', 'd/2', 'd/3')).toEqual(['one', 'corrupt', 'three']);
        const page = await storage.scan({ after: 'd/', until: 'd0', rowsMax: 10, bytesMax: 1000 });
        expect(page.rows.map(([row, value]) => [row, text(value)])).toEqual([
          ['d/1', 'one'],
          ['d/2', 'corrupt'],
          ['d/3', 'three'],
        ]);
        await storage.write([put('d/2', 'again')]);
        expect(await readText(storage, 'd/2')).toEqual(['again']);
        await storage.close();
      }),
  );

  itUnder('corrupt', 'doubts its history when a row of the node itself is spoiled', () =>
    inFreshDirectory(factory, async (subject) => {
      let storage = await subject.open();
      await storage.write([put('m/actor', 'me')]);
      await storage.close();
      await subject.corrupt('m/actor');
      storage = await subject.open();
      expect(storage.boot).toMatchObject({ historyIntact: false, fresh: false });
      expect(bootRow(storage.boot, 'm/actor')).toBe('corrupt');
      await storage.close();
    }),
  );

  const expectDoubtThatLasts = async (open: () => Promise<OpenStorage>) => {
    let storage = await open();
    expect(storage.boot).toMatchObject({ historyIntact: false, fresh: false, cleanShutdown: false });
    await storage.kill();
    storage = await open();
    expect(bootRow(storage.boot, recoveringRow)).toEqual(new Uint8Array(0));
    await storage.write([[recoveringRow, null]]);
    await storage.close();
    storage = await open();
    expect(storage.boot).toMatchObject({ historyIntact: true, cleanShutdown: true });
    expect(bootRow(storage.boot, recoveringRow)).toBeNull();
    await storage.close();
  };

  itUnder('loseTail', 'notices that its newest batches are gone, and does not forget it in a crash', () =>
    inFreshDirectory(factory, async (subject) => {
      const storage = await subject.open();
      await writeLog(storage);
      await storage.kill();
      await subject.loseTail();
      await expectDoubtThatLasts(() => subject.open());
    }),
  );

  itUnder('loseMiddle', 'notices that a batch is gone while later ones are there', () =>
    inFreshDirectory(factory, async (subject) => {
      const storage = await subject.open();
      await writeLog(storage);
      await storage.kill();
      await subject.loseMiddle();
      await expectDoubtThatLasts(() => subject.open());
    }),
  );

  itUnder(
    'failWrites',
    'takes nothing after a failed write, and has every reported one when it is opened again',
    () =>
      inFreshDirectory(factory, async (subject) => {
        let storage = await subject.open();
        await storage.write([put('d/1', 'x')]);
        await subject.failWrites(true);
        await expect(storage.write([put('d/2', 'x')])).rejects.toThrow();
        await subject.failWrites(false);
        await expect(storage.write([put('d/3', 'x')])).rejects.toThrow();
        await storage.kill();
        storage = await subject.open();
        expect(storage.boot).toMatchObject({ historyIntact: true, cleanShutdown: false });
        expect(await readText(storage, 'd/1', 'd/3')).toEqual(['x', null]);
        await storage.write([put('d/4', 'x')]);
        await storage.close();
        storage = await subject.open();
        expect(await readText(storage, 'd/4')).toEqual(['x']);
        await storage.close();
      }),
  );

  itUnder('copy', 'notices that its directory was put back from a copy', () =>
    inFreshDirectory(factory, async (subject) => {
      const storage = await subject.open();
      await storage.write([put('d/1', 'x')]);
      await storage.close();
      await subject.copy();
      const restored = await subject.open();
      expect(restored.boot).toMatchObject({ historyIntact: false, fresh: false });
      expect(await readText(restored, 'd/1')).toEqual(['x']);
      await restored.close();
    }),
  );

  itUnder(
    'loseStore',
    'starts without rows when they cannot be used, but under the same name and not as new',
    () =>
      inFreshDirectory(factory, async (subject) => {
        const storage = await subject.open();
        const { instanceId } = storage.boot;
        await storage.write([put('d/1', 'x'), put('m/1', 'x')]);
        await storage.close();
        await subject.loseStore();
        const emptied = await subject.open();
        expect(emptied.boot).toMatchObject({
          historyIntact: false,
          fresh: false,
          cleanShutdown: false,
          bootCounter: 2,
          instanceId,
        });
        expect(emptied.boot.rows.map(([row]) => row).filter((row) => row !== recoveringRow)).toEqual([]);
        expect(await readText(emptied, 'd/1')).toEqual([null]);
        await emptied.close();
      }),
  );

  itUnder('wipe', 'is another directory after it was emptied', () =>
    inFreshDirectory(factory, async (subject) => {
      const storage = await subject.open();
      const { instanceId } = storage.boot;
      await storage.write([put('d/1', 'x')]);
      await storage.close();
      await subject.wipe();
      const emptied = await subject.open();
      expect(emptied.boot).toMatchObject({ fresh: true, bootCounter: 1, rows: [] });
      expect(emptied.boot.instanceId).not.toBe(instanceId);
      await emptied.close();
    }),
  );

  itUnder('secondOpen', 'is opened by one process at a time', () =>
    inFreshDirectory(factory, async (subject) => {
      const storage = await subject.open();
      await expect(subject.open()).rejects.toThrow(/in use by another process|one process at a time/);
      await storage.write([put('d/1', 'x')]);
      await storage.close();
      await (await subject.open()).close();
    }),
  );
}
