import { describe, expect, it } from 'vitest';
import { formatAge, formatClock, formatMoment, formatSpan } from './time.ts';

describe('times', () => {
  it.each([
    [0, '0\u202fms'],
    [340, '340\u202fms'],
    [4240, '4.2\u202fs'],
    [65_000, '65\u202fs'],
    [180_000, '3\u202fmin'],
    [7_500_000, '2\u202fh 5\u202fmin'],
    [4 * 86_400_000, '4\u202fd'],
  ])('says a span of %d ms as %s', (ms, text) => {
    expect(formatSpan(ms)).toBe(text);
  });

  it('calls what is younger than two seconds now, and never a negative age', () => {
    expect(formatAge(-500)).toBe('now');
    expect(formatAge(1999)).toBe('now');
    expect(formatAge(2000)).toBe('2\u202fs ago');
  });

  it('writes the time of day, midnight too, with two digits each', () => {
    const midnight = new Date(2026, 10, 22, 0, 0, 7).getTime();
    expect(formatClock(midnight)).toBe('00:00:07');
  });

  it('writes a moment so that it can be read back', () => {
    const at = Date.UTC(2026, 10, 22, 12, 3, 27, 120);
    expect(Date.parse(formatMoment(at).replace(' ', 'T').replace(' ', ''))).toBe(at);
  });
});
