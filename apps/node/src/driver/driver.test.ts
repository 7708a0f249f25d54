import {
  type ClientAnswer,
  type ClientRequest,
  type Effect,
  type Input,
  keyRef,
  type NodeEvent,
  type NodeOptions,
  parseAddress,
  parseNodeId,
} from '@starling/core';
import { InvariantError } from '@starling/core/base/assert.ts';
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Caller } from '../service/caller.ts';
import { StrongRandom } from '../strong-random.ts';
import { Driver } from './driver.ts';
import { MemoryDisk } from './memory-store.ts';

const options: NodeOptions = {
  nodeId: parseNodeId('node-1')!,
  address: parseAddress('127.0.0.1:1')!,
  zone: 'default',
  weight: 1,
  replicas: 3,
  seeds: [],
  version: '0.0.0',
};

const started: Driver[] = [];

afterEach(async () => {
  for (const driver of started.splice(0)) await driver.stop();
});

interface Driven {
  readonly driver: Driver;
  readonly disk: MemoryDisk;
  readonly events: NodeEvent[];
  readonly sent: Effect[];
  readonly broken: unknown[];
}

const now = () => ({ mono: performance.now(), wall: Date.now() });

async function drive(disk = new MemoryDisk(), seeds: readonly string[] = []): Promise<Driven> {
  const events: NodeEvent[] = [];
  const sent: Effect[] = [];
  const broken: unknown[] = [];
  const driver = new Driver({
    options: { ...options, seeds: seeds.map((seed) => parseAddress(seed)!) },
    openStore: disk.open,
    sinks: {
      send: (effect) => void sent.push(effect),
      flushSends: () => {},
      packet: (effect) => void sent.push(effect),
      event: (event) => void events.push(event),
    },
    random: new StrongRandom(),
    log: pino({ level: 'silent' }),
    now,
    onAnswer: () => {},
    onBroken: (cause) => broken.push(cause),
  });
  started.push(driver);
  await driver.start();
  return { driver, disk, events, sent, broken };
}

const soon = { timeout: 5000, interval: 2 };

async function driveFounder(disk = new MemoryDisk()): Promise<Driven> {
  const driven = await drive(disk);
  await vi.waitFor(() => expect(driven.driver.view().state).toBe('normal'), soon);
  return driven;
}

function put(key: string, value: string): ClientRequest {
  return {
    kind: 'put',
    ref: keyRef('default', key),
    level: 'quorum',
    deadlineAt: now().mono + 3000,
    explain: false,
    value: Buffer.from(JSON.stringify(value)),
    context: null,
    requestId: null,
    condition: null,
    expiresAt: 0,
  };
}

function get(key: string): ClientRequest {
  const ref = keyRef('default', key);
  return { kind: 'get', ref, level: 'quorum', deadlineAt: now().mono + 3000, explain: false };
}

function readValue(answer: ClientAnswer): unknown {
  if (answer.kind !== 'read') return answer;
  return answer.winner?.value == null ? null : JSON.parse(Buffer.from(answer.winner.value).toString());
}

describe('the log of events', () => {
  it('is told by the machine that kept it, and by the next one on the same disk', async () => {
    const { driver, disk } = await driveFounder();
    const kinds = async (asked: Driver) => {
      const found = await asked.inquire({ kind: 'events', after: '', limit: 100 });
      return found?.kind === 'events' ? found.events.map(({ event }) => event.type) : [];
    };
    await vi.waitFor(async () => expect(await kinds(driver)).toContain('ring'), soon);
    const before = await kinds(driver);
    await driver.stop();
    expect(await driver.inquire({ kind: 'events', after: '', limit: 1 })).toBeNull();
    const next = await driveFounder(disk);
    const after = await kinds(next.driver);
    expect(after.slice(0, before.length)).toEqual(before);
    await vi.waitFor(
      async () => expect((await kinds(next.driver)).length).toBeGreaterThan(before.length),
      soon,
    );
  });
});

describe('driver', () => {
  it('drives a lone node that founds a cluster, stores and reads', async () => {
    const { driver } = await driveFounder();
    expect(await driver.request(put('a', 'one'), new Caller())).toMatchObject({ kind: 'written' });
    expect(readValue(await driver.request(get('a'), new Caller()))).toBe('one');
    expect(driver.ring()?.epoch).toBeGreaterThan(0);
    expect(driver.clusterId()).toMatch(/^[0-9a-f]{16}$/);
  });

  it('acknowledges nothing that is not durable', async () => {
    const { driver, disk } = await driveFounder();
    disk.held = true;
    let answered = false;
    const answer = driver.request(put('a', 'one'), new Caller()).then((found) => {
      answered = true;
      return found;
    });
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    disk.held = false;
    disk.current!.release();
    expect(await answer).toMatchObject({ kind: 'written' });
  });

  it('gathers the writes of one turn of the event loop into one sync', async () => {
    const { driver, disk } = await driveFounder();
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    const before = disk.syncs.length;
    const answers = Array.from({ length: 50 }, (_, i) => driver.request(put(`key-${i}`, 'x'), new Caller()));
    for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ kind: 'written' });
    expect(disk.syncs.slice(before).some((batches) => batches >= 50)).toBe(true);
  });

  it('says unknown to writers and failed to readers when the store fails, and comes back with all that was acknowledged', async () => {
    const { driver, disk } = await driveFounder();
    await driver.request(put('kept', 'one'), new Caller());
    disk.held = true;
    const write = driver.request(put('lost', 'two'), new Caller());
    await new Promise((resolve) => setImmediate(resolve));
    disk.failOpens = 2;
    disk.current!.poison();
    expect(await write).toMatchObject({
      kind: 'error',
      error: { code: 'storage_failed', outcome: 'unknown' },
    });
    const refused = await driver.request(get('kept'), new Caller());
    expect(refused).toMatchObject({ kind: 'error', error: { code: 'storage_failed', outcome: 'failed' } });
    expect(driver.view().storage.failed).toBe(true);
    disk.held = false;
    await vi.waitFor(() => expect(driver.view().state).toBe('normal'), soon);
    expect(driver.view().storage.failed).toBe(false);
    expect(readValue(await driver.request(get('kept'), new Caller()))).toBe('one');
    expect(disk.boots).toBe(2);
  });

  it('stops in an orderly way, and the next start sees that', async () => {
    const { driver, disk } = await driveFounder();
    await driver.request(put('a', 'one'), new Caller());
    expect(await driver.stop()).toBe(true);
    started.pop();
    expect(disk.clean).toBe(true);
    const next = await driveFounder(disk);
    expect(readValue(await next.driver.request(get('a'), new Caller()))).toBe('one');
  });

  it('refuses requests while there is no machine', async () => {
    const { driver } = await driveFounder();
    await driver.stop();
    started.pop();
    const answer = await driver.request(get('a'), new Caller());
    expect(answer).toMatchObject({ kind: 'error', error: { code: 'not_ready', outcome: 'failed' } });
    expect(driver.view()).toMatchObject({ state: 'booting', ring: null });
  });

  it('reports a machine that breaks a law of its own, and answers whoever waited', async () => {
    const { driver, disk, broken } = await driveFounder();
    disk.held = true;
    const answer = driver.request(put('a', 'one'), new Caller());
    const impossible: unknown = { type: 'impossible' };
    driver.feed(impossible as Input); // no input of the closed set: what a fault of the driver would be
    expect(await answer).toMatchObject({ kind: 'error', error: { outcome: 'unknown' } });
    expect(broken).toHaveLength(1);
    expect(broken[0]).toBeInstanceOf(InvariantError);
    started.pop();
  });

  it('lets go of a request whose caller has left', async () => {
    const { driver, disk } = await driveFounder();
    disk.held = true;
    const caller = new Caller();
    const answer = driver.request(put('a', 'one'), caller);
    caller.leave();
    expect(await answer).toMatchObject({ kind: 'error', error: { outcome: 'unknown' } });
    disk.held = false;
    disk.current!.release();
    await vi.waitFor(() => expect(driver.view().counts?.requestsInFlight).toBe(0), soon);
  });

  it('refuses writes while the disk is low', async () => {
    const { driver, disk } = await driveFounder();
    disk.current!.setDiskLow(true);
    const refused = await driver.request(put('a', 'one'), new Caller());
    expect(refused).toMatchObject({ kind: 'error', error: { code: 'disk_full', outcome: 'failed' } });
    disk.current!.setDiskLow(false);
    expect(await driver.request(put('a', 'one'), new Caller())).toMatchObject({ kind: 'written' });
  });

  it('refuses writes, not reads, while the disk does not keep up', async () => {
    const { driver, disk } = await driveFounder();
    disk.current!.setPressure(true);
    const refused = await driver.request(put('a', 'one'), new Caller());
    expect(refused).toMatchObject({ kind: 'error', error: { code: 'overloaded', outcome: 'failed' } });
    expect(await driver.request(get('a'), new Caller())).toMatchObject({ kind: 'read' });
    disk.current!.setPressure(false);
    expect(await driver.request(put('a', 'one'), new Caller())).toMatchObject({ kind: 'written' });
  });

  it('looks for its seeds instead of founding a cluster', async () => {
    const { driver, sent } = await drive(new MemoryDisk(), ['127.0.0.1:2']);
    await vi.waitFor(() => expect(sent.some((effect) => effect.type === 'packet')).toBe(true), soon);
    expect(driver.ring()).toBeNull();
  });
});
