import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesToHex, compareBytes, concatBytes, equalBytes, hexToBytes, wordToHex } from './bytes.ts';

const bytes = fc.uint8Array({ maxLength: 12 });

test('order is that of the hexadecimal text', () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      const [x, y] = [bytesToHex(a), bytesToHex(b)];
      expect(Math.sign(compareBytes(a, b))).toBe(x < y ? -1 : x > y ? 1 : 0);
      expect(equalBytes(a, b)).toBe(x === y);
    }),
  );
});

test('a prefix sorts first', () => {
  expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBeLessThan(0);
  expect(compareBytes(new Uint8Array(0), new Uint8Array(0))).toBe(0);
});

test('parts join in order', () => {
  fc.assert(
    fc.property(fc.array(bytes), (parts) => {
      expect([...concatBytes(parts)]).toEqual(parts.flatMap((part) => [...part]));
    }),
  );
});

test('hexadecimal goes both ways and refuses anything else', () => {
  fc.assert(
    fc.property(bytes, (b) => {
      expect(hexToBytes(bytesToHex(b))).toEqual(b);
    }),
  );
  for (const text of ['0', 'AB', 'xy', '0x', ' 00', '00\n']) expect(hexToBytes(text)).toBeNull();
});

test('a word takes eight digits, signed or not', () => {
  expect(wordToHex(0x0a0b0c0d)).toBe('0a0b0c0d');
  expect(wordToHex(-1)).toBe('ffffffff');
  expect(wordToHex(0xffffffff)).toBe('ffffffff');
  expect(wordToHex(0)).toBe('00000000');
});
