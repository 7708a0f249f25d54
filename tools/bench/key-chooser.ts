import type { Distribution } from './cell.ts';

/** Draws key numbers from 0 to `keys` − 1. */
export type KeyChooser = () => number;

export function keyChooser(distribution: Distribution, keys: number, random: () => number): KeyChooser {
  switch (distribution) {
    case 'uniform':
      return () => Math.floor(random() * keys);
    case 'zipfian':
      return zipfian(keys, random);
    default:
      return distribution satisfies never;
  }
}

/** Distinct keys that a cell may have. */
export const keysMax = 1_000_000;

/** Skew of YCSB: the most popular of 10 000 keys gets about a tenth of all requests. */
const theta = 0.99;

/**
 * Zipfian numbers by the method of Gray et al. ("Quickly generating billion-record synthetic databases", SIGMOD 1994,
 * §3.2), as in YCSB. Ranks are spread over the key numbers, so that popular keys are not neighbours on the ring.
 */
function zipfian(keys: number, random: () => number): KeyChooser {
  const zetaN = zeta(keys);
  const alpha = 1 / (1 - theta);
  const eta = (1 - (2 / keys) ** (1 - theta)) / (1 - zeta(2) / zetaN);
  const second = 1 + 0.5 ** theta;
  return () => {
    const u = random();
    const uz = u * zetaN;
    const rank = uz < 1 ? 0 : uz < second ? 1 : Math.floor(keys * (eta * u - eta + 1) ** alpha);
    return spread(Math.min(rank, keys - 1), keys);
  };
}

function zeta(n: number): number {
  let sum = 0;
  for (let i = 1; i <= n; i++) sum += 1 / i ** theta;
  return sum;
}

/** A permutation of 0 to `keys` − 1, because the factor is a prime above `keysMax`. */
function spread(rank: number, keys: number): number {
  return (rank * 1_000_003) % keys;
}
