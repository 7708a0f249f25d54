import { describe, expect, it } from 'vitest';
import { envelopeBytes } from './record-envelope.ts';
import { batchOfRow } from './store-rows.ts';
import { type BatchTarget, WriteQueue, type WriteQueueOptions } from './write-queue.ts';

interface Operation {
  readonly type: 'put' | 'del';
  readonly key: string;
  /** Of a row that is removed, 0. */
  readonly bytes: number;
}

/** A database whose batches end when the test says so. */
class HeldDatabase implements BatchTarget {
  /** What was written, batch by batch. */
  readonly batches: Operation[][] = [];
  #settle: { readonly resolve: () => void; readonly reject: (cause: Error) => void }[] = [];

  batch() {
    const operations: Operation[] = [];
    return {
      put: (key: string, { length }: Uint8Array) => operations.push({ type: 'put', key, bytes: length }),
      del: (key: string) => operations.push({ type: 'del', key, bytes: 0 }),
      write: ({ sync }: { readonly sync: boolean }) => {
        expect(sync).toBe(true);
        this.batches.push(operations);
        return new Promise<void>((resolve, reject) => this.#settle.push({ resolve, reject }));
      },
    };
  }

  async finish(): Promise<void> {
    this.#settle.shift()!.resolve();
    await turn();
  }

  async fail(): Promise<void> {
    this.#settle.shift()!.reject(new Error('the disk says no'));
    await turn();
  }

  /** Rows of the machine in each batch so far. */
  rows(): string[][] {
    return this.batches.map((batch) => batch.map(({ key }) => key).filter((key) => !key.startsWith('\0')));
  }

  /** Numbers of batches put or removed, in order. */
  numbers(type: Operation['type']): number[] {
    return this.batches
      .flat()
      .filter((operation) => operation.type === type)
      .map(({ key }) => batchOfRow(key))
      .filter((number) => !Number.isNaN(number));
  }
}

const roomy: WriteQueueOptions = {
  batchBytesMax: 10_000,
  queueBytesHigh: 100_000,
  queueBytesMax: 1_000_000,
  logBytesMax: 1_000_000,
};

const turn = () => new Promise((resolve) => setImmediate(resolve));

function queued(options: Partial<WriteQueueOptions> = {}, sequence = 0) {
  const database = new HeldDatabase();
  const heard: string[] = [];
  const queue = new WriteQueue(
    database,
    sequence,
    { ...roomy, ...options },
    {
      written: (seq) => heard.push(`written ${seq}`),
      failed: (cause) => heard.push(`failed: ${cause instanceof Error ? cause.message : cause}`),
      pressure: (high) => heard.push(`pressure ${high}`),
    },
  );
  const write = (seq: number, bytes = 10) => queue.write(seq, [[`d/${seq}`, new Uint8Array(bytes)]]);
  return { database, heard, queue, write };
}

describe('the write queue', () => {
  it('gathers a turn of the event loop into one batch, and what comes meanwhile into the next', async () => {
    const { database, heard, write } = queued();
    write(1);
    write(2);
    expect(database.batches).toEqual([]);
    await turn();
    write(3);
    write(4);
    await turn();
    expect(database.rows()).toEqual([['d/1', 'd/2']]);
    expect(heard).toEqual([]);
    await database.finish();
    expect(heard).toEqual(['written 2']);
    expect(database.rows()).toEqual([
      ['d/1', 'd/2'],
      ['d/3', 'd/4'],
    ]);
    await database.finish();
    expect(heard).toEqual(['written 2', 'written 4']);
  });

  it('writes of a row that comes several times in a batch only the last', async () => {
    const { database, queue } = queued();
    queue.write(1, [
      ['m/counts', new Uint8Array(1)],
      ['l/1', new Uint8Array(0)],
    ]);
    queue.write(2, [['m/counts', new Uint8Array(2)]]);
    queue.write(3, [['l/1', null]]);
    await turn();
    const operations = database.batches[0]!.filter(({ key }) => !key.startsWith('\0'));
    expect(operations).toEqual([
      { type: 'put', key: 'm/counts', bytes: 2 + envelopeBytes },
      { type: 'del', key: 'l/1', bytes: 0 },
    ]);
  });

  it('numbers its batches without a gap, from where the last start left off', async () => {
    const { database, queue, write } = queued({}, 41);
    for (let seq = 1; seq <= 3; seq++) {
      write(seq);
      await turn();
      await database.finish();
    }
    expect(database.numbers('put')).toEqual([42, 43, 44]);
    expect(queue.durableSequence).toBe(44);
  });

  it('fills a batch up to its bound, but always takes one write (nodeLimits.storageBatchBytesMax)', async () => {
    const { database, write } = queued({ batchBytesMax: 1000 });
    write(1, 400);
    write(2, 400);
    write(3, 5000);
    write(4, 400);
    await turn();
    for (let i = 0; i < 3; i++) await database.finish();
    expect(database.rows()).toEqual([['d/1', 'd/2'], ['d/3'], ['d/4']]);
  });

  it('reports nothing after a failure, neither of the batch nor of what waited behind it', async () => {
    const { database, heard, queue, write } = queued();
    write(1);
    await turn();
    write(2);
    await database.fail();
    write(3);
    await turn();
    expect(heard).toEqual(['failed: the disk says no']);
    expect(database.batches.length).toBe(1);
    expect(queue.queuedBytes).toBe(0);
    expect(await queue.drain()).toBe(false);
  });

  it('signals pressure at its mark, and relief at half of it (nodeLimits.storageQueueBytesHigh)', async () => {
    const { database, heard, write } = queued({ queueBytesHigh: 1000, batchBytesMax: 600 });
    write(1, 470);
    expect(heard).toEqual([]);
    write(2, 480);
    expect(heard).toEqual(['pressure true']);
    await turn();
    expect(heard).toEqual(['pressure true']);
    await database.finish();
    expect(heard).toEqual(['pressure true', 'pressure false', 'written 1']);
  });

  it('gives up, in a later turn, when far more is written than the signal asks for (nodeLimits.storageQueueBytesMax)', async () => {
    const { heard, write } = queued({ queueBytesHigh: 1000, queueBytesMax: 2000 });
    write(1, 1000);
    write(2, 1000);
    expect(heard).toEqual(['pressure true', 'pressure false']);
    await turn();
    expect(heard.at(-1)).toMatch(/^failed: \d+ bytes wait to be written, at most 2000 may$/);
  });

  it('drains what waits, and says so', async () => {
    const { database, heard, queue, write } = queued();
    write(1);
    const drained = queue.drain();
    write(2);
    await turn();
    await database.finish();
    if (database.batches.length > 1) await database.finish();
    expect(await drained).toBe(true);
    expect(heard.at(-1)).toBe('written 2');
  });

  it('keeps the row of every batch that may still be in the log, and no others for ever', async () => {
    const { database, write } = queued({ logBytesMax: 100_000 });
    const total = 3000;
    for (let seq = 1; seq <= total; seq++) {
      write(seq, 50);
      await turn();
      await database.finish();
    }
    const removed = database.numbers('del');
    expect(removed).toEqual(removed.map((_, i) => i + 1));
    // Each batch counts as two rows: 50 and 0 bytes in envelopes, their names, and LevelDB's own 24 bytes.
    const bytesEach = 'd/1000'.length + 55 + 24 + '\0batch/'.length + 14 + 5 + 24;
    const inLog = Math.floor(100_000 / bytesEach);
    expect(total - removed.length).toBeGreaterThanOrEqual(inLog);
    expect(total - removed.length).toBeLessThan(inLog + 2 * 256 + 20);
  });
});
