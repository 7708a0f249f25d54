/** How often the living are taken for dead: the table of docs/decisions/0021 is measured here. */
import { describe, expect, test, vi } from 'vitest';
import type { Process } from './test-process.ts';
import { SwimWorld } from './test-world.ts';

/** Hours of virtual time take seconds of a busy machine's. */
vi.setConfig({ testTimeout: 60_000 });

const hourMs = 3_600_000;

/** Suspicions per suspected member: each is noted by all others, so divided by their number. */
function measure(world: SwimWorld, ms: number): { suspicions: number; deaths: number } {
  world.wrongDeaths = 0;
  world.wrongSuspicions = 0;
  world.run(ms);
  return { suspicions: world.wrongSuspicions / (world.processes.size - 1), deaths: world.wrongDeaths };
}

describe('among fifty healthy nodes', () => {
  test.each([7, 8, 9, 10])('none is declared dead in an hour at 5 % loss, seed %i', (seed) => {
    const world = new SwimWorld(seed, { loss: 0.05 });
    world.settledCluster(50);
    const { suspicions, deaths } = measure(world, hourMs);
    expect(deaths).toBe(0);
    expect(suspicions).toBeLessThan(10);
  });

  test('none is declared dead in twenty minutes at 5 % loss without TCP to help', () => {
    const world = new SwimWorld(7, { loss: 0.05 });
    world.settledCluster(50);
    world.network = { ...world.network, tcp: false };
    const { suspicions, deaths } = measure(world, hourMs / 3);
    expect(deaths).toBe(0);
    expect(suspicions).toBeLessThan(140);
  });

  test.each([
    [0.01, 0],
    [0.1, 10],
    [0.3, 600],
  ])('none is declared dead in two minutes at a loss of %d', (loss, suspicionsMax) => {
    const world = new SwimWorld(7, { loss });
    world.settledCluster(50);
    const { suspicions, deaths } = measure(world, hourMs / 30);
    expect(deaths).toBe(0);
    expect(suspicions).toBeLessThanOrEqual(suspicionsMax);
  });

  test('duplicates and delays up to a second change nothing', () => {
    const world = new SwimWorld(8, { loss: 0.05, duplicate: 0.3, delayMsMean: 10 });
    world.settledCluster(50);
    expect(measure(world, hourMs / 6).deaths).toBe(0);
  });
});

describe('one slow member among a hundred', () => {
  function withSlowOne(seed: number): { world: SwimWorld; slow: Process } {
    const world = new SwimWorld(seed);
    const slow = world.settledCluster(100)[50]!;
    world.wrongDeaths = 0;
    return { world, slow };
  }

  test('whose packets take seconds gets no healthy one declared dead', () => {
    const { world, slow } = withSlowOne(1);
    slow.slowMs = 1_500;
    world.run(hourMs / 12);
    expect(world.wrongDeaths).toBe(0);
    // It knows that it is the slow one, and accuses the less.
    expect(slow.swim.healthScore()).toBeGreaterThan(3);
  });

  test('that runs for moments only gets no healthy one declared dead', () => {
    const { world, slow } = withSlowOne(2);
    for (let i = 0; i < 60; i++) {
      world.pause(slow);
      world.run(3_000 + 100 * i);
      world.resume(slow);
      world.run(50);
    }
    world.run(60_000);
    const others = [...world.processes.values()].filter((process) => process !== slow);
    const buried = [...others, slow].flatMap(({ changes }) =>
      changes.filter(({ member }) => member.status === 'dead' && member.nodeId !== slow.name),
    );
    expect(buried).toEqual([]);
    expect(world.isSettled()).toBe(true);
  });
});

test('a cluster of three under stalls of up to a second loses nobody', () => {
  const world = new SwimWorld(3, { loss: 0.01 });
  const processes = world.settledCluster(3);
  for (let i = 0; i < 600; i++) {
    const stalled = processes[i % 3]!;
    world.pause(stalled);
    world.run(100 + (i % 10) * 100);
    world.resume(stalled);
    world.run(700);
  }
  expect(world.wrongDeaths).toBe(0);
  expect(world.runUntil(() => world.isSettled(), 10_000)).not.toBeNull();
});
