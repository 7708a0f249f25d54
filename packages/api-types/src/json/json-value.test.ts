import { describe, expect, test } from 'vitest';
import { jsonProblem, jsonValueSchema } from './json-value.ts';

function nested(levels: number): unknown {
  let value: unknown = [];
  for (let i = 1; i < levels; i++) value = [value];
  return value;
}

describe('a value', () => {
  test.each([
    ['the empty string', ''],
    ['zero', 0],
    ['null', null],
    ['false', false],
    ['32 levels', nested(32)],
    ['its own __proto__ field', JSON.parse('{"__proto__":{"a":1},"constructor":2}')],
  ])('may be %s', (_, value) => {
    expect(jsonProblem(value)).toBeNull();
    expect(jsonValueSchema.safeParse(value)).toEqual({ success: true, data: value });
  });

  test.each([
    ['33 levels', nested(33)],
    ['100 000 levels', nested(100_000)],
    ['half of a surrogate pair', ['\ud800']],
    ['a field name that is half a pair', { '\udc00': 1 }],
    ['Infinity', [Number.POSITIVE_INFINITY]],
    ['missing', undefined],
  ])('may not be %s', (_, value) => {
    expect(jsonValueSchema.safeParse(value).success).toBe(false);
  });

  test('an own __proto__ field is kept as data and does not become a prototype', () => {
    const parsed = jsonValueSchema.parse(JSON.parse('{"__proto__":{"admin":true}}'));
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(JSON.stringify(parsed)).toBe('{"__proto__":{"admin":true}}');
  });
});
