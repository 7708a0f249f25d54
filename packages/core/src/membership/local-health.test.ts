import { expect, test } from 'vitest';
import { LocalHealth } from './local-health.ts';

test('the score stays within its bounds and stretches waits', () => {
  const health = new LocalHealth(8);
  health.note(-1);
  expect(health.score).toBe(0);
  expect(health.scaled(500)).toBe(500);
  health.note(2);
  expect(health.scaled(500)).toBe(1_500);
  health.note(100);
  expect(health.score).toBe(7);
  expect(health.scaled(500)).toBe(4_000);
});
