import { expect, it } from 'vitest';
import { KeyTurns } from './key-turns.ts';

it('runs one at a time for each key, in order, and others at once', () => {
  const turns = new KeyTurns();
  const ran: string[] = [];
  const first = turns.take('a', () => ran.push('first'));
  const second = turns.take('a', () => ran.push('second'));
  const third = turns.take('a', () => ran.push('third'));
  turns.take('b', () => ran.push('other'));
  expect(ran).toEqual(['first', 'other']);
  // Who gives up waiting holds nobody up.
  second();
  expect(ran).toEqual(['first', 'other']);
  first();
  expect(ran).toEqual(['first', 'other', 'third']);
  first();
  third();
  turns.take('a', () => ran.push('again'));
  expect(ran.at(-1)).toBe('again');
});
