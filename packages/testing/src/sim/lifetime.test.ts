import type { Effect } from '@starling/core/node/effect.ts';
import { describe, expect, it } from 'vitest';
import { totalsText, unreachedMarkers } from '../cli/sim-report.ts';
import { calmOptions } from './founding.ts';
import { runLifetime } from './lifetime.ts';
import { drawOptions } from './options.ts';
import type { Machine } from './process-parts.ts';
import { realMachine, runBatch, runSeed } from './swarm.ts';
import { emptyTotals } from './totals.ts';

/** Lifetimes of every test run; the swarm of `pnpm sim` is where the many are. */
const smokeLifetimes = 24;

/** A machine that does nothing but what `step` says. */
function toy(step: () => Effect[]): Machine {
  const nothing = { step, nextTickAt: () => null, ring: () => null, members: () => [], hints: () => [] };
  const counts = () => ({ keys: 0, tombstones: 0, recordBytes: 0, hints: 0, requestsInFlight: 0 });
  // Only what the driver and the checkers ask of a machine.
  return {
    ...nothing,
    counts,
    state: 'booting',
    damagedRecords: () => 0,
    treeRoot: () => null,
    transfer: () => null,
    actor: () => ({ actor: 'n1~1.0', counter: 0 }),
  } as unknown as Machine;
}

describe('a lifetime', () => {
  it('keeps every invariant and gives the same trace twice', () => {
    const totals = runBatch({ first: 1, count: smokeLifetimes, rerunEvery: 1 });
    const failed = totals.failures.map(
      ({ options, report }) =>
        `seed ${options.seed}: ${report.violation?.invariant} ${report.violation?.message}`,
    );
    expect(failed).toEqual([]);
    expect(totals).toMatchObject({ lifetimes: smokeLifetimes, rerun: smokeLifetimes });
    expect(totals.acknowledged).toBeGreaterThan(0);
    expect(totals.reads).toBeGreaterThan(0);
  }, 300_000);

  it('differs from the next one', () => {
    expect(runSeed(1).report.traceHash).not.toBe(runSeed(2).report.traceHash);
  }, 60_000);

  it('answers everything when nothing goes wrong', () => {
    const calm = calmOptions(3, 3, 1);
    const workload = { ...calm.workload, clients: 3, causalKeys: 2, operations: 60, deletes: 0.2 };
    const report = runLifetime({ ...calm, safetyMs: 2000, workload }, { make: realMachine });
    expect(report.violation).toBeNull();
    expect(report.writes).toMatchObject({ failed: 0, unknown: 0 });
    expect(report.writes.ok).toBeGreaterThan(10);
  }, 60_000);

  it('finds a machine that never gets ready (I29)', () => {
    const report = runLifetime(calmOptions(1, 1, 1), { make: () => toy(() => []) });
    expect(report.violation?.invariant).toBe('I29');
    expect(report.tail.length).toBeGreaterThan(0);
  });

  it('finds a machine that stops on a broken invariant of its own', () => {
    const make = () =>
      toy(() => {
        throw new Error('a law was broken');
      });
    expect(runLifetime(calmOptions(1, 1, 1), { make }).violation).toMatchObject({ invariant: 'assert' });
  });

  it.each([
    ['the wall clock', () => Date.now()],
    ['a date', () => new Date()],
    ['the dice', () => Math.random()],
    ['a timer', () => setTimeout(() => undefined, 0)],
    ['the monotonic clock', () => performance.now()],
  ])('finds a machine that reads %s by itself', (_what, cheat) => {
    const make = () =>
      toy(() => {
        cheat();
        return [];
      });
    expect(runLifetime(calmOptions(1, 1, 1), { make }).violation?.message).toContain('inputs alone');
  });
});

describe('options', () => {
  it('are drawn from the seed alone', () => {
    expect(drawOptions(7)).toEqual(drawOptions(7));
  });

  it('leave each fault off in about half of the seeds', () => {
    const drawn = Array.from({ length: 1000 }, (_, seed) => drawOptions(seed));
    const withSplit = drawn.filter(({ faults }) => faults['partition.split'] !== undefined).length;
    expect(withSplit).toBeGreaterThan(250);
    expect(withSplit).toBeLessThan(650);
    expect(drawn.filter(({ recode }) => recode).length).toBeGreaterThan(80);
  });
});

describe('the report', () => {
  it('fails a long run that did not come through what it is for (I34)', () => {
    const totals = { ...emptyTotals(), lifetimes: 2000, markers: { 'hint kept': 500, 'node joined': 3 } };
    const unreached = unreachedMarkers(totals);
    expect(unreached).not.toContain('hint kept');
    expect(unreached).toContain('node joined');
    expect(totalsText(totals, 60_000, 4)).toContain('I34: "node joined"');
    expect(unreachedMarkers({ ...totals, lifetimes: 10 })).toEqual([]);
  });
});
