import { keyProblem } from '@starling/api-types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyText } from '../../test/any-text.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

test('every key comes back from its cursor', () => {
  fc.assert(
    fc.property(anyText, (key) => {
      fc.pre(keyProblem(key) === null);
      expect(decodeCursor(encodeCursor(key))).toBe(key);
    }),
  );
});

test('a text is a cursor only if it is the one spelling of its key', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const key = decodeCursor(text);
      expect(key === null || encodeCursor(key) === text).toBe(true);
    }),
  );
  expect(decodeCursor('YQ')).toBe('a');
  expect(decodeCursor('YR')).toBeNull();
  expect(decodeCursor('YQ==')).toBeNull();
});
