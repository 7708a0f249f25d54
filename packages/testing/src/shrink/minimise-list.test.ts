import fc from 'fast-check';
import { expect, it } from 'vitest';
import { minimiseList } from './minimise-list.ts';

const never = () => false;

it('leaves exactly what it takes, where more never helps', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(fc.nat(39)), (length, wanted) => {
      const items = Array.from({ length }, (_, index) => index);
      const needed = [...new Set(wanted.filter((item) => item < length))].sort((a, b) => a - b);
      const fails = (rest: readonly number[]) => needed.every((item) => rest.includes(item));
      expect(minimiseList(items, fails, never)).toEqual(needed);
    }),
  );
});

it('always answers with something that fails, in the order it was in', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 30 }), fc.nat(6), (items, modulus) => {
      // No law at all: whether less fails has nothing to do with whether more does.
      const fails = (rest: readonly number[]) =>
        rest.reduce((sum, item) => sum + item, 0) % (modulus + 1) === 0;
      fc.pre(fails(items));
      const left = minimiseList(items, fails, never);
      expect(fails(left)).toBe(true);
      let from = 0;
      for (const item of left) from = items.indexOf(item, from) + 1;
      expect(left.length === 0 || from > 0).toBe(true);
    }),
  );
});

it('stops with what it has', () => {
  let tries = 0;
  const fails = (rest: readonly number[]) => ++tries > 0 && rest.includes(3);
  const left = minimiseList([1, 2, 3, 4, 5, 6, 7, 8], fails, () => tries >= 2);
  expect(left).toContain(3);
  expect(tries).toBe(2);
});
