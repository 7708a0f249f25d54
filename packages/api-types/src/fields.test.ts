import { describe, expect, test } from 'vitest';
import { isRequestId, keyProblem } from './fields.ts';
import { apiLimits } from './limits.ts';

describe('a key', () => {
  test.each([
    ['one byte', 'a'],
    ['1024 bytes', 'k'.repeat(1024)],
    ['1024 bytes in 256 emoji', '🐦'.repeat(256)],
    ['dots', '..'],
    ['a name of Object.prototype', '__proto__'],
    ['slashes and spaces', ' /a//b/ '],
    ['NUL', 'a\u0000b'],
  ])('may be %s (apiLimits.keyBytesMax)', (_, key) => {
    expect(keyProblem(key)).toBeNull();
  });

  test.each([
    ['empty', ''],
    ['1025 bytes', 'k'.repeat(1025)],
    ['1028 bytes in 257 emoji', '🐦'.repeat(257)],
    ['half of a surrogate pair', 'a\ud800'],
  ])('may not be %s (apiLimits.keyBytesMax)', (_, key) => {
    expect(keyProblem(key)).not.toBeNull();
  });
});

test('a request id is 1 to 128 visible ASCII characters (apiLimits.requestIdCharsMax)', () => {
  const longest = 'r'.repeat(apiLimits.requestIdCharsMax);
  expect([longest, '~', 'a-b_c:1'].every(isRequestId)).toBe(true);
  expect([`${longest}r`, '', 'a b', 'é', 'a\n'].some(isRequestId)).toBe(false);
});
