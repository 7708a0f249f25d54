import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatMicros,
  formatMillis,
  formatRate,
  formatShare,
  significant,
  textOf,
} from './quantity.ts';

describe('quantities', () => {
  it('keeps three significant figures and never prints an exponent', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e12, noNaN: true }), (value) => {
        const text = significant(value);
        expect(text).not.toMatch(/e/);
        const read = Number(text.replaceAll(',', ''));
        expect(Math.abs(read - value) / value).toBeLessThanOrEqual(0.005);
      }),
    );
  });

  it.each([
    [0, '0'],
    [1234, '1,230'],
    [0.012345, '0.0123'],
    [999.9, '1,000'],
    [9.999, '10.0'],
    [42, '42.0'],
  ])('prints %d as %s', (value, text) => {
    expect(significant(value)).toBe(text);
  });

  it('carries a rounded value into the next unit', () => {
    expect(textOf(formatBytes(1023.9 * 1024))).toBe('1.00\u202fMiB');
    expect(textOf(formatMicros(999.9))).toBe('1.00\u202fms');
  });

  it('counts exactly below ten thousand', () => {
    expect(textOf(formatCount(9999))).toBe('9,999');
    expect(textOf(formatCount(10_000))).toBe('10.0\u202fk');
    expect(textOf(formatCount(1_234_567))).toBe('1.23\u202fM');
  });

  it('gives every figure its unit', () => {
    expect(textOf(formatRate(0))).toBe('0\u202f/s');
    expect(textOf(formatRate(12_345))).toBe('12.3\u202fk/s');
    expect(textOf(formatBytes(512))).toBe('512\u202fB');
    expect(textOf(formatMillis(0.412))).toBe('412\u202fµs');
    expect(textOf(formatMillis(1234))).toBe('1.23\u202fs');
    expect(textOf(formatShare(1 / 3))).toBe('33.3\u202f%');
  });

  it('tells what was not measured from zero', () => {
    expect(textOf(formatRate(null))).toBe('–');
    expect(textOf(formatBytes(null))).toBe('–');
    expect(textOf(formatMillis(null))).toBe('–');
  });
});
