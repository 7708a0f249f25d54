import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Hlc } from '../base/ids.ts';
import { HlcClock, hlcOf, wallOf } from './hlc.ts';

const maxDriftMs = 1000;
const wall = fc.oneof(
  fc.integer({ min: 1_000_000, max: 1_010_000 }),
  fc.constantFrom(0, -5, 1_000_000.75, 5e11, Number.MAX_SAFE_INTEGER),
);
const step = fc.oneof(
  fc.record({
    type: fc.constant('issue' as const),
    wallMs: wall,
    aheadMs: fc.integer({ min: -2000, max: 500_000 }),
  }),
  fc.record({
    type: fc.constant('observe' as const),
    wallMs: wall,
    aheadMs: fc.integer({ min: -2000, max: 500_000 }),
  }),
);

test('whatever the wall clock does: above what was asked, above what the clock stood at, and never back', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const clock = new HlcClock(maxDriftMs);
      for (const { type, wallMs, aheadMs } of steps) {
        const before = clock.read(-1);
        const other = hlcOf(wallMs + aheadMs);
        if (type === 'observe') {
          const accepted = clock.observe(other, wallMs);
          expect(accepted).toBe(other <= hlcOf(wallMs + maxDriftMs));
          expect(clock.read(-1)).toBe(accepted && other > before ? other : before);
        } else {
          const issued = clock.issue(wallMs, other);
          expect(issued).toBeGreaterThan(other);
          expect(issued).toBeGreaterThan(before);
          expect(issued).toBeGreaterThanOrEqual(hlcOf(wallMs));
          expect(clock.read(-1)).toBeGreaterThan(before);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('others push the clock ahead of the wall by no more than the drift', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 1e12 })), { maxLength: 30 }),
      (pushes) => {
        const clock = new HlcClock(maxDriftMs);
        for (const [observe, ms] of pushes) {
          if (observe) clock.observe(hlcOf(ms), 5_000_000);
          else clock.issue(5_000_000, hlcOf(ms));
          expect(wallOf(clock.read(-1))).toBeLessThanOrEqual(5_000_000 + maxDriftMs);
        }
      },
    ),
  );
});

describe('scenarios', () => {
  test('more than 1024 readings in one millisecond run on into the next', () => {
    const clock = new HlcClock(maxDriftMs);
    let last = 0 as Hlc;
    for (let i = 0; i < 3000; i++) {
      const issued = clock.issue(1000, 0 as Hlc);
      expect(issued).toBe(i === 0 ? hlcOf(1000) : last + 1);
      last = issued;
    }
    expect(clock.issue(1010, 0 as Hlc)).toBe(hlcOf(1010));
  });

  test('a wall clock set back is waited out, one event at a time', () => {
    const clock = new HlcClock(maxDriftMs);
    const before = clock.issue(10_000_000, 0 as Hlc);
    expect(clock.issue(1000, 0 as Hlc)).toBe(before + 1);
    expect(clock.issue(10_000_001, 0 as Hlc)).toBe(hlcOf(10_000_001));
  });

  test('a key that some clock has run ahead stays ahead, alone', () => {
    const clock = new HlcClock(maxDriftMs);
    const runaway = hlcOf(9_000_000_000);
    expect(clock.issue(1000, runaway)).toBe(runaway + 1);
    expect(clock.issue(1000, 0 as Hlc)).toBe(hlcOf(1000) + 1);
    expect(clock.issue(1000, (runaway + 1) as Hlc)).toBe(runaway + 2);
  });

  test('a peer exactly at the drift is believed, one reading further is not (limits.clockDriftMsMax)', () => {
    const clock = new HlcClock(maxDriftMs);
    expect(clock.observe((hlcOf(2000) + 1) as Hlc, 1000)).toBe(false);
    expect(clock.read(1000)).toBe(hlcOf(1000));
    expect(clock.observe(hlcOf(2000), 1000)).toBe(true);
    expect(clock.read(1000)).toBe(hlcOf(2000));
  });

  test('the end of the safe integers leaves room above every wall time', () => {
    expect(Number.MAX_SAFE_INTEGER - hlcOf(Number.MAX_VALUE)).toBeGreaterThan(2 ** 42);
    const clock = new HlcClock(maxDriftMs);
    expect(() => clock.issue(1000, Number.MAX_SAFE_INTEGER as Hlc)).toThrow('safe integer');
  });
});
