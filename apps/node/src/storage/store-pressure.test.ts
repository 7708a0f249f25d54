import { expect, it, vi } from 'vitest';
import { OpenedForTest, quietTuning, withDirectory } from './store.test-kit.ts';

it('an open store asks for less work while too much waits, from outside of any call, and then for more again', async () => {
  await withDirectory(async (directory) => {
    const tuning = { ...quietTuning, queueBytesHigh: 100_000, batchBytesMax: 20_000 };
    const storage = await OpenedForTest.open({ directory, tuning });
    const writes = Array.from({ length: 20 }, (_, i) => storage.write([[`d/${i}`, new Uint8Array(10_000)]]));
    expect(storage.store.queuedBytes).toBeGreaterThan(100_000);
    expect(storage.pressures).toEqual([]);
    await Promise.all(writes);
    await vi.waitFor(() => expect(storage.pressures).toEqual([true, false]), 20_000);
    await storage.close();
  });
});

it('an open store that is written far beyond that is poisoned, and opens again with what it had promised', async () => {
  await withDirectory(async (directory) => {
    const tuning = { ...quietTuning, queueBytesMax: 100_000 };
    const storage = await OpenedForTest.open({ directory, tuning });
    await storage.write([['d/promised', new Uint8Array(10)]]);
    const writes = Array.from({ length: 20 }, (_, i) => storage.write([[`d/${i}`, new Uint8Array(10_000)]]));
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(storage.poison?.code).toBe('overrun');
    expect(await storage.store.close(true)).toBe(false);
    const next = await OpenedForTest.open({ directory, tuning });
    expect(next.boot).toMatchObject({ historyIntact: true, cleanShutdown: false });
    expect(await next.read(['d/promised'])).toEqual([new Uint8Array(10)]);
    await next.close();
  });
});
