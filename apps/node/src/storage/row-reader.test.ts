import type { ReadRow } from '@starling/core/node/input.ts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { nodeLimits } from '../limits.ts';
import { sealRow } from './record-envelope.ts';
import { type ReadSource, RowReader, type RowReaderOptions } from './row-reader.ts';

/** Rows in memory; every row `slow…` takes 3 ms, every row `bad…` cannot be read. */
class Source implements ReadSource {
  readonly rows = new Map<string, Uint8Array>();
  readonly here: string[] = [];
  readonly inPool: string[][] = [];
  #hold: (() => void)[] | null = null;

  /** Called with each read on the main thread. */
  onGet: () => void = () => {};

  getSync(row: string): Uint8Array | undefined {
    this.here.push(row);
    this.onGet();
    const end = performance.now() + (row.startsWith('slow') ? 3 : 0);
    while (performance.now() < end);
    return this.#value(row);
  }

  async get(row: string): Promise<Uint8Array | undefined> {
    return this.#value(row);
  }

  async getMany(rows: string[]): Promise<(Uint8Array | undefined)[]> {
    this.inPool.push(rows);
    if (this.#hold !== null) await new Promise<void>((resolve) => this.#hold!.push(resolve));
    return rows.map((row) => this.#value(row));
  }

  /** From now on calls of the pool wait for `release`. */
  hold(): void {
    this.#hold = [];
  }

  release(): void {
    const held = this.#hold ?? [];
    this.#hold = null;
    for (const resolve of held) resolve();
  }

  #value(row: string): Uint8Array | undefined {
    if (row.startsWith('bad')) throw Object.assign(new Error('corruption'), { code: 'LEVEL_CORRUPTION' });
    const value = this.rows.get(row);
    return value === undefined ? undefined : new Uint8Array(value);
  }
}

const options: RowReaderOptions = {
  turnMs: 1000,
  slowMs: 2,
  pauseMsMin: 60_000,
  pauseMsMax: 60_000,
  callRowsMax: 4,
};

function reading(changes: Partial<RowReaderOptions> = {}) {
  const source = new Source();
  for (const row of ['a', 'b', 'c', 'd', 'e', 'slow']) source.rows.set(row, sealRow(row, Buffer.from(row)));
  const corrupt: string[] = [];
  const reader = new RowReader(source, { ...options, ...changes }, (row) => corrupt.push(row));
  const read = (...rows: string[]) =>
    new Promise<readonly (string | null)[]>((resolve) =>
      reader.read(rows, (values) => resolve(values.map(plain))),
    );
  return { source, reader, corrupt, read };
}

/** From now on `performance.now` stands still but for `pass`. */
function virtualClock() {
  let ms = 1_000_000;
  vi.spyOn(performance, 'now').mockImplementation(() => ms);
  return {
    pass: (by: number) => {
      ms += by;
    },
  };
}

const plain = (value: ReadRow) => (value instanceof Uint8Array ? Buffer.from(value).toString() : value);

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the row reader', () => {
  it('never answers within the call', async () => {
    const { reader } = reading();
    let answered = false;
    reader.read(['a'], () => {
      answered = true;
    });
    expect(answered).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(true);
  });

  it('reads on the main thread while that is quick', async () => {
    const { source, read } = reading();
    expect(await Promise.all([read('a', 'none'), read('b')])).toEqual([['a', null], ['b']]);
    expect(source.here).toEqual(['a', 'none', 'b']);
    expect(source.inPool).toEqual([]);
  });

  it('goes through the thread pool for a while after one slow answer', async () => {
    const { source, read } = reading();
    expect(await read('slow')).toEqual(['slow']);
    expect(await read('a')).toEqual(['a']);
    expect(source.here).toEqual(['slow']);
    expect(source.inPool).toEqual([['a']]);
  });

  it('comes back to the main thread when the while is over', async () => {
    const { source, read } = reading({ pauseMsMin: 0, pauseMsMax: 0 });
    await read('slow');
    await read('a');
    expect(source.here).toEqual(['slow', 'a']);
  });

  it('takes a read of the bound for quick and a longer one for slow (nodeLimits.storageReadSlowMs)', async () => {
    const clock = virtualClock();
    const { source, read } = reading({ slowMs: nodeLimits.storageReadSlowMs });
    source.onGet = () => clock.pass(nodeLimits.storageReadSlowMs);
    await read('a');
    source.onGet = () => clock.pass(nodeLimits.storageReadSlowMs + 0.1);
    await read('b');
    await read('c');
    expect([source.here, source.inPool]).toEqual([['a', 'b'], [['c']]]);
  });

  it('stays away longer each time, from one bound to the other (nodeLimits.storageReadPauseMsMin, nodeLimits.storageReadPauseMsMax)', async () => {
    const clock = virtualClock();
    const { storageReadPauseMsMin: pauseMsMin, storageReadPauseMsMax: pauseMsMax } = nodeLimits;
    const { source, read } = reading({ pauseMsMin, pauseMsMax });
    for (const factor of [1, 2, 4, 8, 16, 32, 64]) {
      source.onGet = () => clock.pass(3);
      await read('a');
      source.onGet = () => {};
      const before = source.here.length;
      const pauseMs = Math.min(factor * pauseMsMin, pauseMsMax);
      clock.pass(pauseMs - 1);
      await read('b');
      expect(source.here).toHaveLength(before);
      // What comes while a call of the pool ends still goes with it.
      await new Promise((resolve) => setImmediate(resolve));
      clock.pass(1);
      await read('c');
      expect(source.here).toHaveLength(before + 1);
    }
  });

  it('leaves to the pool what does not fit the time of a turn (nodeLimits.storageReadTurnMs)', async () => {
    const { source, read } = reading({ turnMs: 1, slowMs: 1000 });
    expect(await Promise.all([read('slow'), read('a'), read('b')])).toEqual([['slow'], ['a'], ['b']]);
    expect(source.here).toEqual(['slow']);
    expect(source.inPool).toEqual([['a', 'b']]);
  });

  it('gathers, while one call is in the pool, the next of bounded size (nodeLimits.storageReadCallRowsMax)', async () => {
    const { source, read } = reading();
    await read('slow');
    source.hold();
    const first = read('a');
    await new Promise((resolve) => setImmediate(resolve));
    const rest = Promise.all([read('b', 'c', 'd'), read('e'), read('a')]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(source.inPool).toEqual([['a']]);
    source.release();
    expect(await first).toEqual(['a']);
    expect(await rest).toEqual([['b', 'c', 'd'], ['e'], ['a']]);
    expect(source.inPool).toEqual([['a'], ['b', 'c', 'd', 'e'], ['a']]);
  });

  it('gives a list of rows that is too long for a turn to the pool', async () => {
    const { source, read } = reading({ callRowsMax: 2 });
    expect(await read('a', 'b', 'c')).toEqual(['a', 'b', 'c']);
    expect(source.here).toEqual([]);
  });

  it('tells which rows could not be read, here and in the pool', async () => {
    const { corrupt, read, source } = reading();
    source.rows.set('c', sealRow('other', Buffer.from('c')));
    expect(await read('a', 'bad1', 'c')).toEqual(['a', 'corrupt', 'corrupt']);
    await read('slow');
    expect(await read('a', 'bad2', 'none', 'c')).toEqual(['a', 'corrupt', null, 'corrupt']);
    expect(corrupt).toEqual(['bad1', 'c', 'bad2', 'c']);
  });

  it('answers nobody after it was stopped, whatever was on its way', async () => {
    const { source, reader, read } = reading();
    await read('slow');
    source.hold();
    let answers = 0;
    reader.read(['a'], () => answers++);
    await new Promise((resolve) => setImmediate(resolve));
    reader.read(['b'], () => answers++);
    const stopped = reader.stop();
    source.release();
    await stopped;
    await new Promise((resolve) => setImmediate(resolve));
    expect(answers).toBe(0);
  });
});
