/** The part of the storage suite that is about rows alone: what is read and in which order. */
import type { RowWrite } from '@starling/core/node/effect.ts';
import type { ReadRow } from '@starling/core/node/input.ts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  inFreshDirectory,
  type OpenStorage,
  type StorageFactory,
  type StoragePage,
} from './storage-subject.ts';

/** Characters on both sides of every place where UTF-8 and UTF-16 could sort differently. */
const edgeCharacter = fc.constantFrom(
  ...['\u0001', ' ', '/', '0', 'a', 'z', '\u007f', '\u0080', 'é', '\u07ff', '\u0800', '\ud7ff'],
  ...['\ue000', '\uffff', '\u{10000}', '😀', '\u{10ffff}'],
);
const rowName = fc
  .array(edgeCharacter, { minLength: 1, maxLength: 6 })
  .map((characters) => `d/${characters.join('')}`);
const wholeKind = { after: 'd/', until: 'd0' };

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const plain = (row: ReadRow): string | null =>
  row instanceof Uint8Array ? Buffer.from(row).toString('hex') : row;

async function readPlain(storage: OpenStorage, rows: readonly string[]) {
  return (await storage.read(rows)).map(plain);
}

function rowsOf(page: StoragePage): string[] {
  return page.rows.map(([row]) => row);
}

/** Runs `run` on one open store, which it may fill and empty as it likes. */
async function withStorage(
  factory: StorageFactory,
  run: (storage: OpenStorage) => Promise<void>,
): Promise<void> {
  await inFreshDirectory(factory, async (subject) => {
    const storage = await subject.open();
    await run(storage);
    await storage.close();
  });
}

async function clear(storage: OpenStorage): Promise<void> {
  const { rows } = await storage.scan({ ...wholeKind, rowsMax: 100_000, bytesMax: 100_000_000 });
  if (rows.length > 0) await storage.write(rows.map(([row]) => [row, null]));
}

export function describeRows(factory: StorageFactory): void {
  it('answers reads in the order asked, with null for what is not there', async () => {
    await withStorage(factory, async (storage) => {
      await storage.write([
        ['d/1', bytes('one')],
        ['d/2', bytes('two')],
      ]);
      const asked = ['d/2', 'd/none', 'd/1', 'd/2'];
      expect(await storage.read(asked)).toEqual([bytes('two'), null, bytes('one'), bytes('two')]);
      await storage.write([['d/1', null]]);
      expect(await storage.read(['d/1'])).toEqual([null]);
    });
  });

  it('tells an empty value from no value', async () => {
    await withStorage(factory, async (storage) => {
      await storage.write([['d/empty', new Uint8Array(0)]]);
      expect(await readPlain(storage, ['d/empty', 'd/none'])).toEqual(['', null]);
    });
  });

  it('lets the last entry of a batch for a row win', async () => {
    await withStorage(factory, async (storage) => {
      await storage.write([
        ['d/1', bytes('a')],
        ['d/1', null],
        ['d/2', null],
        ['d/2', bytes('b')],
      ]);
      expect(await storage.read(['d/1', 'd/2'])).toEqual([null, bytes('b')]);
    });
  });

  it('shows every write once it is reported, whatever else is on its way', async () => {
    await withStorage(factory, async (storage) => {
      const writes = Array.from({ length: 200 }, async (_, i) => {
        await storage.write([['d/same', bytes(String(i))]]);
        const [row] = await storage.read(['d/same']);
        expect(Number(Buffer.from(row as Uint8Array).toString())).toBeGreaterThanOrEqual(i);
      });
      await Promise.all(writes);
    });
  });

  it('takes row names of several thousand bytes and values of 1 MiB', async () => {
    await withStorage(factory, async (storage) => {
      const key = 'ключ😀'.repeat(86).slice(0, 512);
      const row = `h/${'n'.repeat(64)}/d/0123456789abcdef/${'t'.repeat(64)}/${key}${key}`;
      const value = new Uint8Array(1_048_576).map((_, i) => (i * 31) ^ (i >> 8));
      await storage.write([[row, value]]);
      expect(Buffer.compare((await storage.read([row]))[0] as Uint8Array, value)).toBe(0);
      const page = await storage.scan({ after: 'h/', until: 'h0', rowsMax: 10, bytesMax: 10 });
      expect(rowsOf(page)).toEqual([row]);
    });
  });

  it('scans in the order of UTF-8 bytes, between two bounds of which neither is included', async () => {
    await withStorage(factory, async (storage) => {
      const names = fc.uniqueArray(rowName, { maxLength: 20 });
      await fc.assert(
        fc.asyncProperty(names, rowName, rowName, async (rows, a, b) => {
          await clear(storage);
          if (rows.length > 0) await storage.write(rows.map((row): RowWrite => [row, bytes(row)]));
          const [after, until] = compare(a, b) < 0 ? [a, b] : [b, a];
          const within = rows.filter((row) => compare(row, after) > 0 && compare(row, until) < 0);
          const page = await storage.scan({ after, until, rowsMax: 1000, bytesMax: 1_000_000 });
          expect(page).toEqual({
            rows: within.toSorted(compare).map((row) => [row, bytes(row)]),
            done: true,
          });
        }),
        { numRuns: 60 },
      );
    });
  });

  it('ends a page at its bounds, says whether there is more, and always gets on', async () => {
    await withStorage(factory, async (storage) => {
      const sizes = fc.array(fc.nat(40), { maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(
          sizes,
          fc.integer({ min: 1, max: 5 }),
          fc.integer({ min: 1, max: 60 }),
          async (all, rowsMax, bytesMax) => {
            await clear(storage);
            const rows = all.map(
              (size, i): RowWrite => [`d/${String(i).padStart(3, '0')}`, new Uint8Array(size)],
            );
            if (rows.length > 0) await storage.write(rows);
            await expectPages(storage, rows, rowsMax, bytesMax);
          },
        ),
        { numRuns: 60 },
      );
    });
  });

  it('never shows rows of its own', async () => {
    await withStorage(factory, async (storage) => {
      await storage.write([['a', bytes('x')]]);
      const page = await storage.scan({ after: '', until: '\u{10ffff}', rowsMax: 1000, bytesMax: 1_000_000 });
      expect(page).toEqual({ rows: [['a', bytes('x')]], done: true });
    });
  });

  it('holds what a plain map would, through any batches, stops and crashes', async () => {
    const row = fc.constantFrom('d/1', 'd/2', 'd/3', 'm/1', 'l/1');
    const value = fc.option(fc.uint8Array({ maxLength: 20 }));
    const batch = fc.array(fc.tuple(row, value), { minLength: 1, maxLength: 5 });
    const life = fc.record({ batches: fc.array(batch, { maxLength: 4 }), clean: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), async (lives) => {
        await inFreshDirectory(factory, async (subject) => {
          const model = new Map<string, Uint8Array | null>();
          for (const { batches, clean } of lives) {
            const storage = await subject.open();
            for (const rows of batches) {
              await storage.write(rows);
              for (const [name, bytes] of rows) model.set(name, bytes);
            }
            const names = [...model.keys()];
            expect(await readPlain(storage, names)).toEqual(
              names.map((name) => plain(model.get(name) ?? null)),
            );
            await (clean ? storage.close() : storage.kill());
          }
        });
      }),
      { numRuns: 15 },
    );
  });
}

async function expectPages(
  storage: OpenStorage,
  all: readonly RowWrite[],
  rowsMax: number,
  bytesMax: number,
): Promise<void> {
  const seen: string[] = [];
  for (let after = 'd/'; ; ) {
    const page = await storage.scan({ after, until: 'd0', rowsMax, bytesMax });
    seen.push(...rowsOf(page));
    expect(page.rows.length).toBeLessThanOrEqual(rowsMax);
    expect(page.done).toBe(seen.length === all.length);
    if (page.done) break;
    expect(page.rows.length).toBeGreaterThan(0);
    after = seen.at(-1)!;
  }
  expect(seen).toEqual(all.map(([row]) => row));
}
