import { expect, test } from 'vitest';
import { repairCost } from './repair-cost.ts';

/** One key among 50 000: a hundredth of the messages' bounds of a million, at a twentieth of its price. */
test('one key that differs is found in three round trips and repaired in one more, with a few kilobytes', () => {
  const cost = repairCost(50_000, 1);
  expect(cost).toMatchObject({ findingCalls: 3, repairingCalls: 1, pulled: 0, pushed: 1 });
  expect(cost.findingBytes + cost.repairingBytes).toBeLessThan(65_536);
});
