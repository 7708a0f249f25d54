import { describe, expect, it } from 'vitest';
import { recoveryNeeded } from './plan.ts';

describe('recovery', () => {
  it.each([
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 3],
    [7, 4],
  ])('of one out of %i replicas asks %i others', (replicas, others) => {
    expect(recoveryNeeded(replicas)).toBe(others);
  });

  it('asks so many that every write quorum without this node has one among them', () => {
    for (let replicas = 2; replicas <= 7; replicas++) {
      const holdersLeft = Math.floor(replicas / 2) + 1 - 1;
      const othersNotAsked = replicas - 1 - recoveryNeeded(replicas);
      expect(holdersLeft === 0 || othersNotAsked < holdersLeft).toBe(true);
    }
  });
});
