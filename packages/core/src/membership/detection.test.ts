import { describe, expect, test, vi } from 'vitest';
import { SwimWorld } from './test-world.ts';

/** Hours of virtual time take seconds of a busy machine's. */
vi.setConfig({ testTimeout: 60_000 });

describe('a crash', () => {
  test('is certain in under 4 s among ten nodes that a broken connection has hinted it to', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const world = new SwimWorld(seed);
      const [victim, ...others] = world.settledCluster(10);
      world.run(3_000 + 17 * seed);
      world.crash(victim!);
      for (const other of others) world.act(other, (swim) => swim.hasten(victim!.name));
      const ms = world.runUntil(() => others.every((node) => node.status(victim!.name) === 'dead'), 60_000);
      expect(ms, `seed ${seed}`).toBeLessThan(4_000);
    }
  });

  test('and the return under the same address are both seen', () => {
    const world = new SwimWorld(1, { codec: true });
    const [first, second, victim] = world.settledCluster(3);
    world.crash(victim!);
    world.runUntil(() => first!.status('node-3') === 'dead' && second!.status('node-3') === 'dead', 10_000);
    world.restart(victim!);
    expect(world.runUntil(() => world.isSettled(), 2_000)).not.toBeNull();
    expect(first!.swim.member(victim!.name)!.incarnation).toBeGreaterThan(2 ** 20);
    world.run(60_000);
    expect(world.agrees()).toBe(true);
  });

  test('of a node that comes back before anybody missed it leaves no trace', () => {
    const world = new SwimWorld(2, { codec: true });
    const processes = world.settledCluster(3);
    world.run(5_000);
    world.crash(processes[2]!);
    world.restart(processes[2]!);
    world.run(10_000);
    expect(world.isSettled()).toBe(true);
    expect(processes[0]!.changes.some(({ member }) => member.status === 'dead')).toBe(false);
  });
});

describe('a join', () => {
  test.each([
    [1, 0],
    [2, 0],
    [9, 0],
    [49, 0],
    [49, 0.05],
  ])('of %i nodes by one more is visible to all in under 2 s, at a loss of %d', (count, loss) => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = new SwimWorld(seed, { loss, codec: count < 10 });
      const processes = world.bootCluster(count);
      expect(world.runUntil(() => world.isSettled(), 60_000)).not.toBeNull();
      world.run(5_000);
      const newcomer = world.boot('newcomer', { seeds: [processes[count - 1]!.address] });
      const seen = () =>
        newcomer.swim.members().length === count + 1 &&
        processes.every(({ swim }) => swim.isAlive(newcomer.name));
      expect(world.runUntil(seen, 30_000), `seed ${seed}`).toBeLessThan(2_000);
    }
  });

  test('of two clusters that had none yet: each side learns all of the other in one exchange', () => {
    const world = new SwimWorld(14, { codec: true });
    const [a] = world.settledCluster(2);
    const b = world.boot('b', {});
    world.boot('c', { seeds: [b.address] });
    world.run(5_000);
    world.filter = (_, __, { packet }) => packet.kind === 'sync';
    world.act(a!, (swim) => swim.join([b.address]));
    world.run(50);
    for (const node of [a!, b]) expect(node.swim.members().length).toBe(4);
  });

  test('needs its seed to be up only sometime', () => {
    const world = new SwimWorld(3);
    const late = world.freshAddress();
    const early = world.boot('early', { seeds: [late] });
    world.run(3_600_000);
    world.boot('late', { address: late });
    expect(world.runUntil(() => early.status('late') === 'alive' && world.agrees(), 15_000)).not.toBeNull();
  });
});

describe('a node that leaves', () => {
  test('is seen as left, not dead, and its own news of it runs dry', () => {
    const world = new SwimWorld(4, { codec: true });
    const [leaver, ...others] = world.settledCluster(5);
    world.act(leaver!, (swim) => swim.leave());
    expect(leaver!.swim.hasLeft()).toBe(false);
    const out = () => leaver!.swim.hasLeft() && others.every((node) => node.status(leaver!.name) === 'left');
    expect(world.runUntil(out, 3_000)).not.toBeNull();
    world.crash(leaver!);
    world.run(120_000);
    expect(others.every((node) => node.status(leaver!.name) === 'left')).toBe(true);
    expect(others.every(({ swim }) => !swim.isAlive(leaver!.name) && swim.aliveCount() === 4)).toBe(true);
    expect(others.some(({ changes }) => changes.some(({ member }) => member.status === 'dead'))).toBe(false);
  });

  test('tells eight others itself before anything else can happen', () => {
    const world = new SwimWorld(13);
    const [leaver, ...others] = world.settledCluster(10);
    world.filter = (from) => from === leaver;
    world.act(leaver!, (swim) => swim.leave());
    world.crash(leaver!);
    world.run(20);
    const told = others.filter((node) => node.status(leaver!.name) === 'left');
    expect(told.length).toBeGreaterThanOrEqual(8);
  });

  test('can stop at once when it is alone', () => {
    const world = new SwimWorld(5);
    const alone = world.boot('alone');
    world.act(alone, (swim) => swim.leave());
    expect(alone.swim.hasLeft()).toBe(true);
  });

  test('is back after a restart, and after joining again', () => {
    const world = new SwimWorld(6, { codec: true });
    const [leaver] = world.settledCluster(3);
    world.act(leaver!, (swim) => swim.leave());
    world.run(5_000);
    world.act(leaver!, (swim) => swim.join([]));
    expect(world.runUntil(() => world.isSettled(), 3_000)).not.toBeNull();
    world.act(leaver!, (swim) => swim.leave());
    world.run(5_000);
    world.crash(leaver!);
    world.restart(leaver!);
    expect(world.runUntil(() => world.isSettled(), 3_000)).not.toBeNull();
  });
});

describe('a paused process', () => {
  test('is dead to the others meanwhile and back at once', () => {
    const world = new SwimWorld(7);
    const processes = world.settledCluster(3);
    const [first, second, paused] = processes;
    world.pause(paused!);
    world.run(30_000);
    expect([first, second].map((node) => node!.status('node-3'))).toEqual(['dead', 'dead']);
    world.resume(paused!);
    expect(world.runUntil(() => world.isSettled(), 6_000)).not.toBeNull();
  });

  test('accuses nobody when it wakes up', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const world = new SwimWorld(seed);
      const processes = world.settledCluster(5);
      world.pause(processes[0]!);
      world.run(100 * seed);
      world.resume(processes[0]!);
      world.run(30_000);
      const accused = processes[0]!.changes.filter(({ member }) => member.status !== 'alive');
      expect(accused, `seed ${seed}`).toEqual([]);
      expect(world.isSettled()).toBe(true);
    }
  });

  test('whose pause hid a refutation does not declare the member dead', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const world = new SwimWorld(seed);
      const [judge, blamed, third] = world.settledCluster(3);
      // The judge alone loses sight of the blamed one, and falls asleep while it suspects it.
      world.cut([judge!], [blamed!, third!]);
      world.runUntil(() => judge!.status(blamed!.name) === 'suspect', 10_000);
      world.pause(judge!);
      world.heal();
      world.run(1_000 + 100 * seed);
      world.resume(judge!);
      world.run(20_000);
      const dead = judge!.changes.filter(
        ({ member }) => member.status === 'dead' && member.nodeId === blamed!.name,
      );
      expect(dead, `seed ${seed}`).toEqual([]);
    }
  });
});

describe('a hint of trouble', () => {
  test('about a healthy member proves nothing', () => {
    const world = new SwimWorld(8);
    const [first, ...others] = world.settledCluster(3);
    for (let i = 0; i < 100; i++) {
      for (const other of others) world.act(first!, (swim) => swim.hasten(other.name));
      world.run(100);
    }
    expect(world.wrongSuspicions).toBe(0);
  });
});

describe('a broken network path', () => {
  test('between two members is bridged by helpers', () => {
    const world = new SwimWorld(9, { tcp: true });
    const [a, b] = world.settledCluster(3);
    world.filter = (from, to) => !((from === a && to === b) || (from === b && to === a));
    world.run(600_000);
    expect(world.wrongSuspicions).toBe(0);
  });

  test('over UDP is bridged by TCP, and said', () => {
    const world = new SwimWorld(10);
    const processes = world.settledCluster(3);
    world.filter = (_, to, { via }) => via === 'tcp' || to !== processes[2];
    world.run(600_000);
    expect(world.wrongDeaths).toBe(0);
    expect(world.wrongSuspicions).toBe(0);
    expect(processes[0]!.notices).toContainEqual({ type: 'udpUnreachable', nodeId: 'node-3' });
  });
});

test('three idle nodes send a few packets a second and nothing grows', () => {
  const world = new SwimWorld(11);
  const processes = world.settledCluster(3);
  world.run(60_000);
  const before = world.packets;
  world.run(600_000);
  expect((world.packets - before) / 600 / 3).toBeLessThan(5);
  expect(processes.every(({ swim }) => swim.rumors().length === 0)).toBe(true);
});

test('the stopped machine has no timers and hears nothing', () => {
  const world = new SwimWorld(12);
  const [first, second] = world.settledCluster(2);
  world.crash(second!);
  world.run(1_500);
  first!.swim.stop();
  const sent = world.packets;
  expect(first!.timers.next()).toBeNull();
  world.act(first!, (swim) => swim.join([world.freshAddress()]));
  world.run(10_000);
  expect(world.packets).toBe(sent);
});
