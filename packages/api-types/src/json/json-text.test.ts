import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyText } from '../text.arbitrary.ts';
import { isWellFormed } from '../text.ts';
import { jsonTextProblem } from './json-text.ts';
import { jsonProblem } from './json-value.ts';

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

describe('depth', () => {
  test('the bound itself passes and one level more does not', () => {
    expect(jsonTextProblem(nested(32), 32)).toBeNull();
    expect(jsonTextProblem(nested(33), 32)).toMatch(/deeper than 32/);
  });

  test('a hundred thousand levels are refused without recursion', () => {
    expect(jsonTextProblem(nested(100_000), 32)).toMatch(/deeper/);
    expect(jsonTextProblem('{"a":'.repeat(100_000), 32)).toMatch(/deeper/);
  });

  test('brackets inside strings do not count', () => {
    expect(jsonTextProblem(JSON.stringify(['[[[[{{{{"\\']), 1)).toBeNull();
  });
});

describe('numbers', () => {
  test.each([
    '0',
    '-0',
    '1.5',
    '1e308',
    '9007199254740991',
    '9007199254740992',
    '-9007199254740994',
    '1152921504606846976',
    '1152921504606847000',
    '100000000000000000000',
    '0.1234567890123456789',
    '1e-400',
  ])('%s is held', (text) => {
    expect(jsonTextProblem(`[${text}]`, 2)).toBeNull();
  });

  test.each(['1e400', '-1e999', '9007199254740993', '12345678901234567891', '9'.repeat(10_000)])(
    '%s is not',
    (text) => {
      expect(jsonTextProblem(`{"a":${text}}`, 2)).toMatch(/number/);
    },
  );

  test('digits inside strings are only text', () => {
    expect(jsonTextProblem('"9007199254740993 and 1e400"', 1)).toBeNull();
  });
});

describe('surrogates', () => {
  test.each(['"\\ud83d\\udc26"', '"\u{1f426}"', '"\\\\ud800"', '"\\u0041"'])('%s is whole', (text) => {
    expect(jsonTextProblem(text, 1)).toBeNull();
  });

  test.each(['"\\ud800"', '"\\udc00\\ud800"', '"\\uD83Dx"', '"\ud800"', '"\\ud83d\\u0041"'])(
    '%s is half a pair',
    (text) => {
      expect(jsonTextProblem(text, 1)).toMatch(/surrogate/);
    },
  );
});

test('every document that is fine as a value is fine as a text', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      expect(jsonTextProblem(JSON.stringify(value), 32)).toBe(jsonProblem(value));
    }),
  );
});

test('what passes keeps its meaning through the parser', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }), (int, real) => {
      const text = JSON.stringify([int, real]);
      expect(jsonTextProblem(text, 1)).toBeNull();
      expect(JSON.stringify(JSON.parse(text))).toBe(text);
    }),
  );
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(anyText(), fc.string(), (a, b) => {
      for (const text of [a, `"${a}`, `{"${b}":-${a}e`, `\\u${b}`]) {
        const problem = jsonTextProblem(text, 4);
        expect(problem === null || problem.length > 0).toBe(true);
      }
    }),
  );
});

test('strings are told apart whatever is in them and beside them', () => {
  const part = fc.oneof(
    fc.constantFrom('"', '\\', '\\"', '[[[', '{', '1e999', '\u{1f426}', '\ud800', '\udc00', 'plain', ''),
    fc.string(),
  );
  const text = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(text, { maxLength: 8 }), (texts) => {
      expect(jsonTextProblem(JSON.stringify(texts), 1) === null).toBe(texts.every(isWellFormed));
    }),
    { numRuns: 2000 },
  );
});
