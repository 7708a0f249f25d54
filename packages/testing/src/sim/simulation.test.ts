import { describe, expect, it } from 'vitest';
import { honestClocks, NodeClock } from './clock.ts';
import { connectionTimeoutMs, type Endpoint, type LinkProfile, Network } from './network.ts';
import { between, drawPartition, partitionShapes } from './partitions.ts';
import { Prng } from './prng.ts';
import { Scheduler } from './scheduler.ts';
import { describeEvent, Trace } from './trace.ts';

const perfect: LinkProfile = { delayFloorMs: 1, delayMeanMs: 0, slowTailMs: 0, loss: 0, duplicate: 0 };

function twoNodes(profile: LinkProfile) {
  const scheduler = new Scheduler(null);
  const network = new Network<number, number>(scheduler, new Prng(1), profile);
  const frames: number[] = [];
  const packets: number[] = [];
  const broken: number[] = [];
  const end = { listening: true, life: 1, frame: (_: number, frame: number) => frames.push(frame) };
  const endpoint = {
    ...end,
    packet: (_: number, packet: number) => packets.push(packet),
    disconnected: (peer: number) => broken.push(peer),
  };
  network.attach({ ...endpoint } as unknown as Endpoint<number, number>);
  network.attach(endpoint as unknown as Endpoint<number, number>);
  const run = (ms: number) => scheduler.runUntil(scheduler.now + ms);
  return { network, frames, packets, broken, endpoint, run };
}

describe('virtual time', () => {
  it('runs events by time, and events of one time in the order they were set', () => {
    const scheduler = new Scheduler(null);
    const seen: string[] = [];
    for (const [at, name] of [
      [5, 'c'],
      [1, 'a'],
      [5, 'd'],
      [2, 'b'],
    ] as const)
      scheduler.at(at, () => seen.push(name));
    scheduler.at(3, () => seen.push('never')).cancel();
    scheduler.runUntil(10);
    expect([seen.join(''), scheduler.now, scheduler.events]).toEqual(['abcd', 10, 4]);
  });

  it('shuffles events of one time by the seed, and the same way for the same seed', () => {
    const order = (seed: number) => {
      const scheduler = new Scheduler(new Prng(seed));
      const seen: number[] = [];
      for (let event = 0; event < 8; event++) scheduler.at(1, () => seen.push(event));
      scheduler.runUntil(1);
      return seen.join('');
    };
    expect(order(1)).toBe(order(1));
    expect(new Set([1, 2, 3, 4].map(order)).size).toBeGreaterThan(1);
  });
});

describe('a connection', () => {
  it('keeps the order of frames whatever the delays', () => {
    const { network, frames, run } = twoNodes({ ...perfect, delayMeanMs: 50, loss: 0.3 });
    for (let frame = 0; frame < 100; frame++) network.send(0, 1, frame);
    run(60_000);
    expect(frames).toEqual(Array.from({ length: 100 }, (_, frame) => frame));
  });

  it('holds frames back while it is cut, and hands them over once it is mended', () => {
    const { network, frames, run } = twoNodes(perfect);
    network.cut(0, 1);
    network.send(0, 1, 1);
    network.send(0, 1, 2);
    run(1000);
    expect(frames).toEqual([]);
    network.mend(0, 1);
    run(1000);
    expect(frames).toEqual([1, 2]);
  });

  it('breaks when it is cut for too long: its frames are lost and both ends are told', () => {
    const { network, frames, broken, run } = twoNodes(perfect);
    network.cut(0, 1);
    network.send(0, 1, 1);
    run(connectionTimeoutMs + 100);
    network.mend(0, 1);
    run(1000);
    expect([frames, [...broken].sort()]).toEqual([[], [0, 1]]);
  });

  it('gives nothing of one life of a process to the next', () => {
    const { network, frames, endpoint, run } = twoNodes(perfect);
    network.send(0, 1, 1);
    endpoint.life = 2;
    run(100);
    expect(frames).toEqual([]);
  });

  it('is refused while nobody listens, and the sender is told', () => {
    const { network, broken, endpoint, run } = twoNodes(perfect);
    endpoint.listening = false;
    network.send(0, 1, 1);
    run(100);
    expect(broken).toEqual([1]);
  });
});

describe('packets', () => {
  it('are lost and doubled about as often as the link says', () => {
    const { network, packets, run } = twoNodes({ ...perfect, loss: 0.2, duplicate: 0.1 });
    for (let packet = 0; packet < 2000; packet++) network.datagram(0, 1, packet);
    run(1000);
    expect(packets.length).toBeGreaterThan(1600);
    expect(packets.length).toBeLessThan(1920);
    expect(new Set(packets).size).toBeLessThan(packets.length);
  });

  it('do not pass a one-way cut, which lets the other direction through', () => {
    const { network, packets, run } = twoNodes(perfect);
    network.cut(0, 1);
    network.datagram(0, 1, 1);
    network.datagram(1, 0, 2);
    run(100);
    expect(packets).toEqual([2]);
  });
});

describe('partitions', () => {
  it.each(partitionShapes)('of shape %s cut something and never a node from itself', (shape) => {
    for (let seed = 0; seed < 50; seed++) {
      const cuts = drawPartition(new Prng(seed), shape, [0, 1, 2, 3, 4]);
      expect(cuts.length).toBeGreaterThan(0);
      expect(cuts.every(([from, to]) => from !== to)).toBe(true);
    }
  });

  it('between two sides cut both ways', () => {
    expect(between([0], [0, 1, 2])).toHaveLength(4);
  });
});

describe('a clock', () => {
  it('drifts, jumps and stands still by the wall, and never goes back by the monotonic reading', () => {
    const clock = new NodeClock(new Prng(3), { ...honestClocks, driftMax: 0.01 });
    const before = clock.read(1000);
    clock.jump(-60_000);
    expect(clock.wall(1000)).toBe(before.wall - 60_000);
    clock.freezeWall(1000);
    expect(clock.wall(5000)).toBe(clock.wall(1000));
    clock.thawWall(5000);
    expect(clock.wall(6000)).toBeGreaterThan(clock.wall(5000));
    expect(clock.mono(6000)).toBeGreaterThan(before.mono);
  });

  it('says when a monotonic reading will have come, never too early', () => {
    for (let seed = 0; seed < 100; seed++) {
      const clock = new NodeClock(new Prng(seed), { ...honestClocks, driftMax: 0.01 });
      const wanted = clock.mono(1234.567);
      expect(clock.mono(clock.virtualAt(wanted))).toBeGreaterThanOrEqual(wanted);
    }
  });
});

describe('the trace', () => {
  it('hashes every event and keeps the newest', () => {
    const traced = (last: number) => {
      const trace = new Trace();
      for (let event = 0; event < 5000; event++) trace.note(event, 'step', 0, event);
      trace.note(5000, 'reply', 1, last);
      return trace;
    };
    expect(traced(1).hash()).toBe(traced(1).hash());
    expect(traced(1).hash()).not.toBe(traced(2).hash());
    const [before, newest] = traced(7).tail(2);
    expect(newest).toMatchObject({ kind: 'reply', node: 1, a: 7 });
    expect(describeEvent(before!, ['n1', 'n2'])).toContain('n1');
  });
});

describe('chance', () => {
  it('splits into streams that do not depend on each other', () => {
    const first = new Prng(42);
    const alone = first.split('network').uint32();
    const second = new Prng(42);
    second.split('disk').uint32();
    expect(second.split('network').uint32()).toBe(alone);
    expect(second.split('disk').uint32()).not.toBe(alone);
  });
});
