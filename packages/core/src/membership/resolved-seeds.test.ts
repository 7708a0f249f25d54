import { describe, expect, test } from 'vitest';
import { address } from './test-names.ts';
import type { Process } from './test-process.ts';
import { SwimWorld } from './test-world.ts';

/** Addresses to which packets of `sender` go from now on, with how many went there. */
function counted(world: SwimWorld, sender: Process): Map<string, number> {
  const sent = new Map<string, number>();
  const post = world.post.bind(world);
  world.post = (from, to, via, packet) => {
    if (from === sender) sent.set(to, (sent.get(to) ?? 0) + 1);
    post(from, to, via, packet);
  };
  return sent;
}

describe('addresses that the names of seeds stand for', () => {
  test('are all contacted: one that answers is enough', () => {
    const world = new SwimWorld(1);
    const [first] = world.settledCluster(3);
    const newcomer = world.boot('newcomer');
    const nobody = [address('192.0.2.1:1'), address('192.0.2.2:1')];
    world.act(newcomer, (swim) => swim.seedsResolved([...nobody, first!.address]));
    expect(world.runUntil(() => newcomer.swim.aliveCount() === 4, 10_000)).toBeLessThan(2_000);
  });

  test('are contacted no more once the names stand for others', () => {
    const world = new SwimWorld(2);
    const node = world.boot('node');
    const [old, next] = [address('192.0.2.1:1'), address('192.0.2.2:1')];
    world.act(node, (swim) => swim.seedsResolved([old]));
    world.run(60_000);
    world.act(node, (swim) => swim.seedsResolved([next]));
    const sent = counted(world, node);
    world.run(600_000);
    expect(sent.get(old)).toBeUndefined();
    expect(sent.get(next)).toBeGreaterThan(30);
  });

  test('leave the seeds given as addresses alone', () => {
    const world = new SwimWorld(3);
    const seed = address('192.0.2.1:1');
    const node = world.boot('node', { seeds: [seed] });
    world.act(node, (swim) => swim.seedsResolved([seed]));
    world.act(node, (swim) => swim.seedsResolved([]));
    const sent = counted(world, node);
    world.run(600_000);
    expect(sent.get(seed)).toBeGreaterThan(30);
  });

  test('may be this node’s own: it does not ask itself', () => {
    const world = new SwimWorld(4);
    const [node, other] = world.settledCluster(2);
    const sent = counted(world, node!);
    for (let look = 0; look < 20; look++) {
      world.act(node!, (swim) => swim.seedsResolved([node!.address, other!.address]));
      world.run(30_000);
    }
    expect(sent.get(node!.address)).toBeUndefined();
    expect(world.isSettled()).toBe(true);
  });

  test('find a cluster of which every member has moved', () => {
    const world = new SwimWorld(5);
    const before = world.settledCluster(3);
    for (const process of before) world.crash(process);
    const moved = before.map((process) => world.restart(process, { address: world.freshAddress() }));
    const addresses = moved.map((process) => process.address);
    for (const process of moved) world.act(process, (swim) => swim.seedsResolved(addresses));
    expect(world.runUntil(() => world.isSettled(), 60_000)).toBeLessThan(10_000);
  });
});
