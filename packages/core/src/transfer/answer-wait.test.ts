import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerWait, firstWaitMs, longestWaitMs, shortestWaitMs } from './answer-wait.ts';

function learnt(...answersMs: readonly number[]): AnswerWait {
  const wait = new AnswerWait();
  for (const ms of answersMs) wait.answered(ms);
  return wait;
}

describe('the wait for an answer', () => {
  it('doubles with each silence, up to its bound', () => {
    const wait = learnt();
    expect([0, 1, 2, 3, 4, 60].map((silences) => wait.after(silences))).toEqual([
      firstWaitMs,
      2000,
      4000,
      8000,
      longestWaitMs,
      longestWaitMs,
    ]);
  });

  it('is the mean and four times the deviation (RFC 6298, 2.2 and 2.3)', () => {
    expect(learnt(400).after(0)).toBe(400 + 4 * 200);
    expect(learnt(400, 800).after(0)).toBe(450 + 4 * 250);
  });

  it('covers a source that always takes as long, and stays between its bounds for any', () => {
    const time = fc.double({ min: 0, max: 60_000, noNaN: true });
    fc.assert(
      fc.property(time, fc.array(time), fc.nat(100), (steady, others, silences) => {
        expect(learnt(...Array(50).fill(steady)).after(0)).toBeGreaterThanOrEqual(
          Math.min(steady, longestWaitMs) * 0.999,
        );
        const wait = learnt(...others).after(silences);
        expect(wait).toBeGreaterThanOrEqual(shortestWaitMs);
        expect(wait).toBeLessThanOrEqual(longestWaitMs);
      }),
    );
  });
});
