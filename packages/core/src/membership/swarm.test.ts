/** I17 and I18: whatever happens to a few nodes, when it stops they agree, and nobody's incarnation ever falls. */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { Process } from './test-process.ts';
import { SwimWorld } from './test-world.ts';

/** Hours of virtual time take seconds of a busy machine's. */
vi.setConfig({ testTimeout: 60_000 });

type Step =
  | { readonly kind: 'crash' | 'pause' | 'leave' | 'move' | 'facts' | 'hint'; readonly who: number }
  | { readonly kind: 'revive' }
  | { readonly kind: 'cut'; readonly mask: number }
  | { readonly kind: 'heal' }
  | { readonly kind: 'loss'; readonly loss: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('crash' as const, 'pause' as const, 'leave' as const, 'move' as const),
    who: fc.nat(8),
  }),
  fc.record({ kind: fc.constantFrom('facts' as const, 'hint' as const), who: fc.nat(8) }),
  fc.record({ kind: fc.constantFrom('revive' as const, 'heal' as const) }),
  fc.record({ kind: fc.constant('cut' as const), mask: fc.nat(511) }),
  fc.record({ kind: fc.constant('loss' as const), loss: fc.constantFrom(0, 0.1, 0.4) }),
);

function revive(world: SwimWorld, processes: Process[], i: number, move: boolean): void {
  const process = processes[i]!;
  if (process.state === 'paused') world.resume(process);
  if (process.status(process.name) === 'left') world.act(process, (swim) => swim.join([]));
  if (process.state === 'up' && !move) return;
  world.crash(process);
  // All that ever knew each other may move before any of them has told the others: then only a seed can help.
  const seeds = processes.filter((other) => other !== process).map((other) => other.address);
  processes[i] = world.restart(process, move ? { address: world.freshAddress(), seeds } : {});
}

function apply(world: SwimWorld, processes: Process[], action: Step): void {
  if (action.kind === 'heal') return world.heal();
  if (action.kind === 'loss') world.network = { ...world.network, loss: action.loss };
  else if (action.kind === 'revive') for (const i of processes.keys()) revive(world, processes, i, false);
  else if (action.kind === 'cut') {
    const side = (bit: number) => processes.filter((_, i) => ((action.mask >> i) & 1) === bit);
    world.cut(side(0), side(1));
  } else actOn(world, processes, action);
}

function actOn(world: SwimWorld, processes: Process[], { kind, who }: Extract<Step, { who: number }>): void {
  const i = who % processes.length;
  const process = processes[i]!;
  if (process.state !== 'up') return;
  if (kind === 'crash') world.crash(process);
  else if (kind === 'pause') world.pause(process);
  else if (kind === 'move') revive(world, processes, i, true);
  else if (kind === 'leave') world.act(process, (swim) => swim.leave());
  else if (kind === 'hint') world.act(process, (swim) => swim.hasten(processes[0]!.name));
  else {
    const { facts } = process.swim.member(process.name)!;
    world.act(process, (swim) => swim.updateFacts({ ...facts, ringEpoch: facts.ringEpoch + 1 }));
  }
}

/** Within one life of an observer nobody's incarnation falls. */
function incarnationsRise({ changes }: Process): boolean {
  const last = new Map<string, number>();
  return changes.every(({ member }) => {
    const before = last.get(member.nodeId) ?? 0;
    last.set(member.nodeId, member.incarnation);
    return member.incarnation >= before;
  });
}

test('after any faults, the living agree on all members within 15 s', () => {
  const run = fc.record({
    count: fc.integer({ min: 2, max: 9 }),
    seed: fc.nat(),
    steps: fc.array(fc.tuple(step, fc.nat(15_000)), { maxLength: 20 }),
  });
  fc.assert(
    fc.property(run, ({ count, seed, steps }) => {
      const world = new SwimWorld(seed, { duplicate: 0.05, delayMsMean: 5 });
      const processes = world.settledCluster(count);
      const everybody = [...processes];
      for (const [action, ms] of steps) {
        apply(world, processes, action);
        everybody.push(...processes);
        world.run(ms);
      }
      world.heal();
      world.network = { ...world.network, loss: 0 };
      for (const i of processes.keys()) revive(world, processes, i, false);
      expect(world.runUntil(() => world.isSettled(), 60_000)).toBeLessThan(15_000);
      for (const process of everybody) expect(incarnationsRise(process)).toBe(true);
    }),
    { numRuns: 150 },
  );
});
