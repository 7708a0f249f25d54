import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8Bytes } from '../base/utf8.ts';
import { crc32c } from './crc32c.ts';

const times = (length: number, byte: (i: number) => number) => Uint8Array.from({ length }, (_, i) => byte(i));

test.each([
  ['nothing', new Uint8Array(0), 0],
  ['the check value of the catalogue', utf8Bytes('123456789'), 0xe3069283],
  ['RFC 3720: 32 zeros', times(32, () => 0), 0x8a9136aa],
  ['RFC 3720: 32 ones', times(32, () => 0xff), 0x62a8ab43],
  ['RFC 3720: rising', times(32, (i) => i), 0x46dd794e],
  ['RFC 3720: falling', times(32, (i) => 31 - i), 0x113fdb5c],
])('%s', (_name, bytes, crc) => {
  expect(crc32c(bytes)).toBe(crc);
});

/** Bit by bit, as the definition has it. */
function slow(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

test('equals the definition, for any part of any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(), fc.nat(), (bytes, i, j) => {
      const start = i % (bytes.length + 1);
      const end = start + (j % (bytes.length - start + 1));
      expect(crc32c(bytes, start, end)).toBe(slow(bytes.subarray(start, end)));
    }),
    { numRuns: 500 },
  );
});
