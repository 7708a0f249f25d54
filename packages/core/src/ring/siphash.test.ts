import { expect, test } from 'vitest';
import { bytesToHex } from '../base/bytes.ts';
import { sipHash, sipKey, sipTagHex } from './siphash.ts';

const upTo = (length: number) => Uint8Array.from({ length }, (_, i) => i);
const key = sipKey(upTo(16));

/** The tag as the reference implementation prints it: least significant byte first. */
function littleEndian(bytes: Uint8Array, length?: number): string {
  const { low, high } = sipHash(key, bytes, length);
  return bytesToHex(
    Uint8Array.from([low, low >>> 8, low >>> 16, low >>> 24, high, high >>> 8, high >>> 16, high >>> 24]),
  );
}

test.each([
  [0, '310e0edd47db6f72'],
  [1, 'fd67dc93c539f874'],
  [7, '37d1018bf50002ab'],
  [8, '6224939a79f5f593'],
  [9, 'b0e4a90bdf82009e'],
  [15, 'e545be4961ca29a1'],
  [16, 'db9bc2577fcc2a3f'],
  [31, '42c341d8fa92d832'],
  [63, '724506eb4c328a95'],
])('the reference vector of %i bytes', (length, tag) => {
  expect(littleEndian(upTo(length))).toBe(tag);
  expect(littleEndian(upTo(64), length)).toBe(tag);
});

test('the example of the paper, as a number', () => {
  expect(sipTagHex(sipHash(key, upTo(15)))).toBe('a129ca6149be45e5');
});

test('every bit of the key matters', () => {
  const tags = new Set([littleEndian(upTo(15))]);
  for (let bit = 0; bit < 128; bit++) {
    const bytes = upTo(16);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    tags.add(sipTagHex(sipHash(sipKey(bytes), upTo(15))));
  }
  expect(tags.size).toBe(129);
});

test('a key of another size is refused', () => {
  expect(() => sipKey(upTo(15))).toThrow('16 bytes');
});
