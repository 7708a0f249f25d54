import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readVarint, varintLength, varintMalformed, varintTruncated, writeVarint } from './varint.ts';

const integer = fc.oneof(
  fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  fc
    .integer({ min: 0, max: 53 })
    .chain((bits) => fc.constantFrom(...[2 ** bits - 1, Math.min(2 ** bits, 2 ** 53 - 1)])),
);

function encoded(value: number): number[] {
  const into = new Uint8Array(16);
  return [...into.subarray(0, writeVarint(value, into, 0))];
}

test.each([
  [0, [0]],
  [1, [1]],
  [127, [0x7f]],
  [128, [0x80, 1]],
  [300, [0xac, 2]],
  [16_384, [0x80, 0x80, 1]],
  [2 ** 31, [0x80, 0x80, 0x80, 0x80, 8]],
  [2 ** 32 - 1, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  [Number.MAX_SAFE_INTEGER, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
])('%i', (value, bytes) => {
  expect(encoded(value)).toEqual(bytes);
  expect(readVarint(Uint8Array.from(bytes), 0, bytes.length)).toBe(value);
});

test('every integer comes back, from anywhere, and says its length', () => {
  fc.assert(
    fc.property(integer, fc.nat(5), (value, at) => {
      const into = new Uint8Array(16).fill(0xff);
      const end = writeVarint(value, into, at);
      expect(end - at).toBe(varintLength(value));
      expect(readVarint(into, at, end)).toBe(value);
      expect(readVarint(into, at, end - 1)).toBe(varintTruncated);
    }),
    { numRuns: 1000 },
  );
});

test('any bytes are a number in its one encoding, or none', () => {
  const bytes = fc.array(fc.constantFrom(0, 1, 0x0f, 0x10, 0x7f, 0x80, 0x81, 0xff), { maxLength: 10 });
  fc.assert(
    fc.property(bytes, (list) => {
      const value = readVarint(Uint8Array.from(list), 0, list.length);
      if (value >= 0) expect(encoded(value)).toEqual(list.slice(0, varintLength(value)));
      else expect([varintTruncated, varintMalformed]).toContain(value);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['a longer zero', [0x80, 0]],
  ['a longer one', [0x81, 0x80, 0]],
  ['2^53', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]],
  ['nine bytes', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x8f, 1]],
])('%s is malformed', (_name, bytes) => {
  expect(readVarint(Uint8Array.from(bytes), 0, bytes.length)).toBe(varintMalformed);
});

test.each([-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])('%d is not written', (value) => {
  expect(() => encoded(value)).toThrow('2^53');
});
