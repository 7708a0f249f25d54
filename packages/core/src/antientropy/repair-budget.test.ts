import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../base/limits.ts';
import { RepairBudget } from './repair-budget.ts';

const load = (perSecond: number, p99Ms: number | null = 10) => ({ perSecond, p99Ms });
const full = {
  bucketsAtOnce: limits.bucketsInFlightMax,
  repairsAtOnce: limits.repairsInFlightMax,
  pauseMs: 0,
};

/** Buckets a second that a budget allows after these seconds of load, each with its p99. */
function after(perSecond: number, p99s: readonly number[]): number {
  const budget = new RepairBudget();
  for (let i = 0; i < 20; i++) budget.note(load(perSecond, 10), false);
  for (const p99Ms of p99s) budget.note(load(perSecond, p99Ms), true);
  return 1000 / budget.pace(0).pauseMs;
}

describe('the budget of repair', () => {
  it('is whatever can be had while clients ask for nothing', () => {
    const budget = new RepairBudget();
    expect(budget.pace(0)).toEqual(full);
    budget.note(load(10), true);
    expect(budget.pace(1)).toEqual(full);
  });

  it('is small as soon as requests wait, before anybody has measured them', () => {
    expect(new RepairBudget().pace(100).pauseMs).toBeGreaterThanOrEqual(100);
  });

  it('is a hundredth of what clients ask for under load', () => {
    expect(after(10_000, [])).toBeCloseTo(100);
    expect(after(2000, [10, 10])).toBeCloseTo(20);
  });

  it('is halved with each second in which requests are slower than without it, and comes back bit by bit', () => {
    expect(after(10_000, [12])).toBeCloseTo(50);
    expect(after(10_000, [12, 12])).toBeCloseTo(25);
    expect(after(10_000, [12, 12, 10])).toBeCloseTo(35);
    expect(
      after(
        10_000,
        Array.from({ length: 30 }, () => 50),
      ),
    ).toBeCloseTo(10);
  });

  it('is what it was at first when nothing has been repaired for a second', () => {
    const budget = new RepairBudget();
    for (const [p99Ms, repairing] of [
      [10, false],
      [50, true],
      [50, true],
      [10, false],
    ] as const)
      budget.note(load(10_000, p99Ms), repairing);
    expect(1000 / budget.pace(0).pauseMs).toBeCloseTo(100);
  });

  it('never stops repair, and never lets it have more than a hundredth of a load', () => {
    const second = fc.record({
      perSecond: fc.integer({ min: 50, max: 50_000 }),
      p99Ms: fc.option(fc.integer({ min: 1, max: 1000 })),
      repairing: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(second, { minLength: 1, maxLength: 40 }), (seconds) => {
        const budget = new RepairBudget();
        for (const { perSecond, p99Ms, repairing } of seconds) budget.note({ perSecond, p99Ms }, repairing);
        const buckets = 1000 / budget.pace(0).pauseMs;
        expect(buckets).toBeGreaterThanOrEqual(4.99);
        expect(buckets).toBeLessThanOrEqual(Math.max(5, seconds.at(-1)!.perSecond / 100) + 0.01);
      }),
    );
  });
});
