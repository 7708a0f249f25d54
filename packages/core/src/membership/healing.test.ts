import { describe, expect, test, vi } from 'vitest';
import type { Process } from './test-process.ts';
import { SwimWorld } from './test-world.ts';

/** Hours of virtual time take seconds of a busy machine's. */
vi.setConfig({ testTimeout: 60_000 });

const hourMs = 3_600_000;

describe('a partition', () => {
  test.each([
    [3, 1, 25 * hourMs],
    [5, 2, hourMs],
    [10, 5, hourMs],
    [50, 25, 120_000],
  ])('of %i nodes, %i against the rest, for %i ms heals by itself in 10 s', (count, cut, cutMs) => {
    for (let seed = 1; seed <= (cutMs > hourMs ? 1 : 2); seed++) {
      const world = new SwimWorld(seed, { codec: cutMs < hourMs });
      const processes = world.settledCluster(count);
      world.cut(processes.slice(0, cut), processes.slice(cut));
      world.run(60_000);
      for (const [i, node] of processes.entries()) {
        const side = i < cut ? cut : count - cut;
        expect(node.swim.aliveCount(), `seed ${seed}`).toBe(side);
      }
      world.run(cutMs - 60_000);
      world.heal();
      expect(
        world.runUntil(() => world.isSettled(), 60_000),
        `seed ${seed}`,
      ).toBeLessThan(10_000);
    }
  });

  test('heals without anybody being declared dead again', () => {
    for (let seed = 1; seed <= 3; seed++) {
      const world = new SwimWorld(seed, { loss: 0.05 });
      const processes = world.settledCluster(50);
      world.cut(processes.slice(0, 25), processes.slice(25));
      world.run(120_000);
      world.heal();
      world.wrongDeaths = 0;
      expect(
        world.runUntil(() => world.isSettled(), 60_000),
        `seed ${seed}`,
      ).not.toBeNull();
      world.run(120_000);
      expect(world.wrongDeaths, `seed ${seed}`).toBe(0);
    }
  });

  test('that went one way only heals too', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const world = new SwimWorld(seed);
      const processes = world.settledCluster(5);
      const deaf = processes[4];
      world.filter = (_, to) => to !== deaf;
      world.run(hourMs);
      world.heal();
      expect(
        world.runUntil(() => world.isSettled(), 60_000),
        `seed ${seed}`,
      ).toBeLessThan(15_000);
    }
  });

  test('during which every node of one side restarted, with a new address each, heals', () => {
    const world = new SwimWorld(1, { codec: true });
    const processes = world.settledCluster(5);
    const [near, far] = [processes.slice(0, 2), processes.slice(2)];
    world.cut(near, far);
    world.run(hourMs);
    const reborn = far.map((node) => {
      world.crash(node);
      return world.restart(node, { address: world.freshAddress() });
    });
    world.cut(near, reborn);
    world.run(hourMs);
    world.heal();
    expect(world.runUntil(() => world.isSettled(), 60_000)).toBeLessThan(20_000);
  });

  test('in which both sides lost all members but the remembered ones heals over those', () => {
    const world = new SwimWorld(2, { codec: true });
    const processes = world.settledCluster(4);
    const [near, far] = [processes.slice(0, 2), processes.slice(2)];
    world.cut(near, far);
    world.run(60_000);
    const reborn = processes.map((node) => {
      world.crash(node);
      return world.restart(node);
    });
    world.cut(reborn.slice(0, 2), reborn.slice(2));
    world.run(hourMs);
    expect(reborn[0]!.swim.members().length).toBe(2);
    world.heal();
    expect(world.runUntil(() => world.isSettled(), 60_000)).toBeLessThan(20_000);
  });
});

describe('a dead member', () => {
  test('costs each other one at most one packet per interval, for ever', () => {
    const world = new SwimWorld(3);
    const [victim, ...others] = world.settledCluster(3);
    world.crash(victim!);
    world.run(120_000);
    let packets = 0;
    const sent = new Map<Process, number>();
    const post = world.post.bind(world);
    world.post = (sender, to, via, packet) => {
      if (to === victim!.address) {
        packets++;
        sent.set(sender, (sent.get(sender) ?? 0) + 1);
      }
      post(sender, to, via, packet);
    };
    world.run(hourMs);
    expect(packets).toBeGreaterThan(0);
    for (const other of others)
      expect(sent.get(other)).toBeLessThanOrEqual(hourMs / 5_000 + hourMs / 10_000 / 0.75);
  });

  test('is learned of by newcomers, and forgotten only by an operator', () => {
    const world = new SwimWorld(4, { codec: true });
    const [victim, first, second] = world.settledCluster(3);
    world.crash(victim!);
    world.run(hourMs);
    const newcomer = world.boot('newcomer', { seeds: [first!.address] });
    world.run(2_000);
    expect(newcomer.status(victim!.name)).toBe('dead');
    world.act(first!, (swim) => swim.forceLeave(victim!.name));
    world.run(2_000);
    expect([first, second, newcomer].map((node) => node!.status(victim!.name))).toEqual([
      'left',
      'left',
      'left',
    ]);
    world.restart(victim!);
    expect(world.runUntil(() => world.isSettled(), 10_000)).not.toBeNull();
  });

  test('only can be forced to leave', () => {
    const world = new SwimWorld(5);
    const [first, second] = world.settledCluster(2);
    world.act(first!, (swim) => {
      expect(swim.forceLeave(second!.name)).toBe(false);
      expect(swim.forceLeave(first!.name)).toBe(false);
    });
    world.run(5_000);
    expect(world.isSettled()).toBe(true);
  });
});

describe('the host', () => {
  test('is told whom to remember, once per change', () => {
    const world = new SwimWorld(6);
    const processes = world.settledCluster(4);
    const [first, second, third] = processes;
    expect(first!.peers.map(({ nodeId }) => nodeId)).toEqual(['node-2', 'node-3', 'node-4']);
    world.crash(second!);
    world.act(third!, (swim) => swim.leave());
    world.run(60_000);
    const before = first!.peers;
    world.run(hourMs);
    expect(first!.peers).toBe(before);
    const moved = world.restart(second!, { address: world.freshAddress() });
    world.run(5_000);
    expect(first!.peers).toContainEqual({ nodeId: moved.name, address: moved.address });
    expect(first!.peers.length).toBe(3);
  });

  test('is told of those that left too: a cluster stopped in good order starts without seeds', () => {
    const world = new SwimWorld(7, { codec: true });
    const processes = world.settledCluster(3);
    for (const process of processes) {
      world.act(process, (swim) => swim.leave());
      world.run(3_000);
      world.crash(process);
    }
    for (const process of processes) world.restart(process);
    expect(world.runUntil(() => world.isSettled(), 3_000)).not.toBeNull();
  });
});
