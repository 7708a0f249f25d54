import { keyRef, type NodeOptions, parseAddress, parseNodeId } from '@starling/core';
import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { nodeLimits } from '../limits.ts';
import { Caller } from '../service/caller.ts';
import { StrongRandom } from '../strong-random.ts';
import { Driver } from './driver.ts';
import { MemoryDisk } from './memory-store.ts';

/** How long the driver waits: for a store that cannot be opened, and for its own end. */

const options: NodeOptions = {
  nodeId: parseNodeId('node-1')!,
  address: parseAddress('127.0.0.1:1')!,
  zone: 'default',
  weight: 1,
  replicas: 3,
  seeds: [],
  version: '0.0.0',
};

const soon = { timeout: 5000, interval: 2 };
const now = () => ({ mono: performance.now(), wall: Date.now() });

afterEach(() => {
  vi.useRealTimers();
});

/** A node that has founded its cluster; `pauses` are the waits before the store is opened again, in ms. */
async function founded(): Promise<{ driver: Driver; disk: MemoryDisk; pauses: number[] }> {
  const disk = new MemoryDisk();
  const pauses: number[] = [];
  const lines = { write: (line: string) => note(line) };
  const note = (line: string) => {
    const { waitMs }: { waitMs?: number } = JSON.parse(line);
    if (waitMs !== undefined) pauses.push(waitMs);
  };
  const driver = new Driver({
    options,
    openStore: disk.open,
    sinks: { send: () => {}, flushSends: () => {}, packet: () => {}, event: () => {} },
    random: new StrongRandom(),
    log: pino({ level: 'error' }, lines),
    now,
    onAnswer: () => {},
    onBroken: (cause) => {
      throw cause;
    },
  });
  await driver.start();
  await vi.waitFor(() => expect(driver.view().state).toBe('normal'), soon);
  return { driver, disk, pauses };
}

it('pauses before opening again double from one bound to the other (nodeLimits.reopenMsMin, nodeLimits.reopenMsMax)', async () => {
  const { driver, disk, pauses } = await founded();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  disk.failOpens = 9;
  disk.current!.poison();
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
  const { reopenMsMin, reopenMsMax } = nodeLimits;
  expect(pauses).toHaveLength(9);
  expect(pauses.slice(0, 3)).toEqual([reopenMsMin, 2 * reopenMsMin, 4 * reopenMsMin]);
  expect(pauses.slice(-2)).toEqual([reopenMsMax, reopenMsMax]);
  await vi.waitFor(() => expect(driver.view().state).toBe('normal'), soon);
  await driver.stop();
});

it('a stop that the disk holds up is given up, and is not clean (nodeLimits.shutdownMs)', async () => {
  const { driver, disk } = await founded();
  disk.held = true;
  const deadlineAt = now().mono + 60_000;
  const put = { kind: 'put', ref: keyRef('default', 'k'), level: 'quorum', explain: false } as const;
  const rest = {
    value: Buffer.from('1'),
    context: null,
    requestId: null,
    condition: null,
    expiresAt: 0,
    deadlineAt,
  };
  const write = driver.request({ ...put, ...rest }, new Caller());
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let stopped: boolean | null = null;
  const stopping = driver.stop().then((clean) => {
    stopped = clean;
  });
  await vi.advanceTimersByTimeAsync(nodeLimits.shutdownMs - 1);
  expect(stopped).toBeNull();
  await vi.advanceTimersByTimeAsync(1);
  await stopping;
  expect([stopped, disk.clean]).toEqual([false, false]);
  expect(await write).toMatchObject({ kind: 'error', error: { outcome: 'unknown' } });
});
