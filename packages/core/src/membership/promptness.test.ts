/**
 * How soon a change is known to all, whatever the size of the cluster: the promise of docs/decisions/0021. Times are
 * virtual, from the crash or start of one process to the last other one that knows.
 */
import { describe, expect, test, vi } from 'vitest';
import type { SwimPacket } from './packet.ts';
import type { Process } from './test-process.ts';
import { SwimWorld } from './test-world.ts';

/** Hours of virtual time take seconds of a busy machine's. */
vi.setConfig({ testTimeout: 60_000 });

const crashMs = 5_000;
const joinMs = 2_000;

/** Sizes and how many seeds each is tried with: small clusters rest on few probes, so their tails need more. */
const sizes = [
  [2, 150],
  [3, 150],
  [4, 150],
  [5, 150],
  [7, 100],
  [10, 100],
  [20, 40],
  [50, 15],
] as const;
const losses = [0, 0.05] as const;
const cases = losses.flatMap((loss) => sizes.map(([nodes, seeds]) => ({ nodes, seeds, loss })));

function settled(nodes: number, seed: number, loss: number): { world: SwimWorld; processes: Process[] } {
  const world = new SwimWorld(seed, { loss });
  const processes = world.settledCluster(nodes);
  // Each seed breaks off at another place of the probe intervals.
  world.run(3_000 + 17 * seed);
  return { world, processes };
}

/** Crashes some at once; how long until each of the others holds each of them for dead. */
function crashTime(
  world: SwimWorld,
  victims: readonly Process[],
  processes: readonly Process[],
): number | null {
  for (const victim of victims) world.crash(victim);
  const others = processes.filter((process) => !victims.includes(process));
  const known = () => others.every((other) => victims.every(({ name }) => other.status(name) === 'dead'));
  return world.runUntil(known, 60_000);
}

describe('a crash', () => {
  test.each(cases)('among $nodes nodes is certain to all others in under 5 s, at a loss of $loss', (each) => {
    for (let seed = 1; seed <= each.seeds; seed++) {
      const { world, processes } = settled(each.nodes, seed, each.loss);
      expect(crashTime(world, [processes[seed % each.nodes]!], processes), `seed ${seed}`).toBeLessThan(
        crashMs,
      );
      expect(world.wrongDeaths, `seed ${seed}`).toBe(0);
    }
  });

  test.each([
    [9, 3],
    [50, 17],
  ])('among %i nodes of %i at once, a zone say, leaves none of them unnoticed for 15 s', (nodes, count) => {
    for (let seed = 1; seed <= 10; seed++) {
      const { world, processes } = settled(nodes, seed, 0);
      const victims = processes.filter((_, i) => i % 3 === 0).slice(0, count);
      expect(crashTime(world, victims, processes), `seed ${seed}`).toBeLessThan(15_000);
      expect(world.wrongDeaths, `seed ${seed}`).toBe(0);
    }
  });
});

test('whoever missed all gossip of a death but the suspicion believes it when a push/pull tells it', () => {
  const world = new SwimWorld(1);
  const [victim, deaf, teller] = world.settledCluster(10);
  world.filter = (_, to) => to !== deaf;
  world.crash(victim!);
  const { nodeId, instanceId, address, incarnation, facts } = victim!.swim.member(victim!.name)!;
  const claim = { nodeId, instanceId, address, incarnation, facts, factsVersion: 0 };
  const tell = (kind: 'gossip' | 'sync', status: 'suspect' | 'dead') => {
    const header = { sender: teller!.name, instanceId: teller!.instanceId, cluster: '', view: 0 };
    const updates = [{ claim, status, by: teller!.name }];
    const packet: SwimPacket =
      kind === 'gossip'
        ? { kind, ...header, updates }
        : { kind, phase: 'answer', seq: 0, ...header, updates };
    world.inject(deaf!, teller!.address, packet);
    world.run(10);
    return deaf!.status(victim!.name);
  };
  expect(tell('sync', 'dead')).toBe('suspect');
  world.run(1_000);
  expect(tell('sync', 'dead')).toBe('suspect');
  world.run(1_500);
  expect(tell('sync', 'dead')).toBe('dead');
});

describe('a join', () => {
  test.each(cases)('is visible to all of $nodes nodes in under 2 s, at a loss of $loss', (each) => {
    for (let seed = 1; seed <= each.seeds; seed++) {
      const { world, processes } = settled(each.nodes, seed, each.loss);
      const newcomer = world.boot('newcomer', { seeds: [processes[seed % each.nodes]!.address] });
      const seen = () =>
        newcomer.swim.members().length === each.nodes + 1 &&
        processes.every((process) => process.status(newcomer.name) === 'alive');
      expect(world.runUntil(seen, 30_000), `seed ${seed}`).toBeLessThan(joinMs);
    }
  });
});
