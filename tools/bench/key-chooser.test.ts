import { describe, expect, it } from 'vitest';
import { keyChooser, keysMax } from './key-chooser.ts';

/** Evenly spread numbers in [0, 1): the additive recurrence of the golden ratio. */
function evenly(): () => number {
  let x = 0;
  return () => {
    x = (x + 0.618_033_988_749_895) % 1;
    return x;
  };
}

function counts(distribution: 'uniform' | 'zipfian', keys: number, draws: number): number[] {
  const choose = keyChooser(distribution, keys, evenly());
  const found = Array.from({ length: keys }, () => 0);
  for (let i = 0; i < draws; i++) found[choose()]!++;
  return found;
}

describe('key chooser', () => {
  it('draws every key equally often when uniform', () => {
    const found = counts('uniform', 100, 100_000);
    for (const count of found) expect(count).toBeGreaterThan(950);
    expect(Math.max(...found)).toBeLessThan(1050);
  });

  it('draws keys as often as Zipf’s law says, over all of them', () => {
    const found = counts('zipfian', 1000, 1_000_000).sort((a, b) => b - a);
    const zeta = Array.from({ length: 1000 }, (_, i) => 1 / (i + 1) ** 0.99).reduce((a, b) => a + b, 0);
    expect(found[0]! / 1e6).toBeCloseTo(1 / zeta, 2);
    expect(found[1]! / 1e6).toBeCloseTo(1 / 2 ** 0.99 / zeta, 2);
    expect(found.at(-1)).toBeGreaterThan(0);
  });

  it('stays within the keys at both ends of the random numbers', () => {
    for (const keys of [3, 7919, keysMax]) {
      for (const u of [0, 1 - Number.EPSILON]) {
        const key = keyChooser('zipfian', keys, () => u)();
        expect(key).toBeGreaterThanOrEqual(0);
        expect(key).toBeLessThan(keys);
      }
    }
  });
});
