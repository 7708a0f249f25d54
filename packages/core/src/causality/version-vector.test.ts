import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ActorId } from '../base/ids.ts';
import type { Dot, VersionVector } from './record.ts';
import { counterOf, covers, descends, emptyClock, joinClocks, sameClock, withDot } from './version-vector.ts';

const dot = (actor: string, counter: number): Dot => ({ actor: actor as ActorId, counter });
const actors = ['a', 'b', 'c', 'd'];
const clock = fc
  .record(Object.fromEntries(actors.map((actor) => [actor, fc.nat(3)])))
  .map((counters): VersionVector => actors.flatMap((a) => (counters[a]! > 0 ? [dot(a, counters[a]!)] : [])));
const anyDot = fc.record({ actor: fc.constantFrom(...actors), counter: fc.integer({ min: 1, max: 4 }) });

/** Every write the clock has seen, spelled out: the slow truth. */
function seen(c: VersionVector): Set<string> {
  return new Set(c.flatMap((e) => Array.from({ length: e.counter }, (_, i) => `${e.actor}${i + 1}`)));
}

test('covering, descending and equality are those of the sets of writes seen', () => {
  fc.assert(
    fc.property(clock, clock, anyDot, (a, b, { actor, counter }) => {
      const [x, y] = [seen(a), seen(b)];
      const [xHasY, yHasX] = [[...y].every((e) => x.has(e)), [...x].every((e) => y.has(e))];
      expect(descends(a, b)).toBe(xHasY);
      expect(sameClock(a, b)).toBe(xHasY && yHasX);
      expect(covers(a, dot(actor, counter))).toBe(x.has(`${actor}${counter}`));
      expect(covers(a, dot(actor, counter))).toBe(counterOf(a, actor as ActorId) >= counter);
    }),
    { numRuns: 500 },
  );
});

test('joining is union, adding a dot adds it and all before it', () => {
  fc.assert(
    fc.property(clock, clock, anyDot, (a, b, { actor, counter }) => {
      expect(seen(joinClocks(a, b))).toEqual(new Set([...seen(a), ...seen(b)]));
      const raised = withDot(a, dot(actor, counter));
      expect(seen(raised)).toEqual(new Set([...seen(a), ...seen([dot(actor, counter)])]));
      for (const c of [joinClocks(a, b), raised]) {
        for (let i = 1; i < c.length; i++) expect(c[i - 1]!.actor < c[i]!.actor).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

describe('a result equal to an argument is that argument', () => {
  test('always', () => {
    fc.assert(
      fc.property(clock, clock, anyDot, (a, b, { actor, counter }) => {
        if (descends(a, b)) expect(joinClocks(a, b)).toBe(a);
        else if (descends(b, a)) expect(joinClocks(a, b)).toBe(b);
        if (covers(a, dot(actor, counter))) expect(withDot(a, dot(actor, counter))).toBe(a);
      }),
    );
  });

  test('also for the empty clock', () => {
    const a = [dot('a', 1)];
    expect(joinClocks(a, emptyClock)).toBe(a);
    expect(joinClocks(emptyClock, a)).toBe(a);
    expect(joinClocks(emptyClock, [])).toBe(emptyClock);
  });
});
