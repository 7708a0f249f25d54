import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisText, foldSeries, lastValue, median, most, roundUp, spreadLabels, sum } from './series.ts';

describe('chart series', () => {
  it('sums what is known and leaves a gap where nothing is', () => {
    expect(
      foldSeries(
        [
          [1, null, null],
          [2, 5, null],
        ],
        sum,
      ),
    ).toEqual([3, 5, null]);
    expect(foldSeries([[1], [7], [3]], most)).toEqual([7]);
    expect(foldSeries([[1], [7], [3]], median)).toEqual([3]);
    expect(foldSeries([], sum)).toEqual([]);
  });

  it('calls the latest figure latest only while it is fresh', () => {
    expect(lastValue([1, 2, null, null])).toBe(2);
    expect(lastValue([1, null, null, null, null, null])).toBeNull();
    expect(lastValue([])).toBeNull();
  });

  it('ends an axis at a round number that is not below the data', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), (value) => {
        const end = roundUp(value);
        expect(end).toBeGreaterThanOrEqual(value * (1 - 1e-6));
        expect(end).toBeLessThanOrEqual(value * 2.01);
      }),
    );
    expect(roundUp(0)).toBe(1);
    expect(roundUp(150 * 2 ** 20, 2)).toBe(2 ** 28);
    expect(roundUp(2 ** 28, 2)).toBe(2 ** 28);
  });

  it('labels an axis without zeros that say nothing', () => {
    expect(axisText({ figure: '10.0', unit: 'k/s' })).toBe('10\u202fk/s');
    expect(axisText({ figure: '2.50', unit: 'ms' })).toBe('2.5\u202fms');
    expect(axisText({ figure: '1,000', unit: '/s' })).toBe('1,000\u202f/s');
    expect(axisText({ figure: '0', unit: 'µs' })).toBe('0');
  });

  it('keeps labels apart, in order and inside', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 10 }), (tops) => {
        const placed = spreadLabels(tops, 14, 200);
        const sorted = [...placed].sort((one, other) => one - other);
        sorted.forEach((top, at) => {
          if (at > 0) expect(top - (sorted[at - 1] ?? 0)).toBeGreaterThanOrEqual(14);
        });
        expect(Math.max(...placed)).toBeLessThanOrEqual(200);
      }),
    );
  });
});
