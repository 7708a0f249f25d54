import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8Bytes } from '../base/utf8.ts';
import { fromBase64url, toBase64url } from './base64url.ts';

test.each([
  ['', ''],
  ['f', 'Zg'],
  ['fo', 'Zm8'],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg'],
  ['fooba', 'Zm9vYmE'],
  ['foobar', 'Zm9vYmFy'],
])('RFC 4648, section 10: %j', (plain, text) => {
  expect(toBase64url(utf8Bytes(plain))).toBe(text);
  expect(fromBase64url(text)).toEqual(utf8Bytes(plain));
});

test('the two characters of its own', () => {
  expect(toBase64url(Uint8Array.of(0xfb, 0xef, 0xff))).toBe('--__');
});

test('bytes come back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), fc.constantFrom(1, 40), (part, times) => {
      const bytes = Uint8Array.from({ length: part.length * times }, (_, i) => part[i % part.length]!);
      expect(fromBase64url(toBase64url(bytes))).toEqual(bytes);
    }),
  );
});

test('a text is accepted only if it is the one text of its bytes', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Da-d01_-]{0,9}$/), (text) => {
      const bytes = fromBase64url(text);
      if (bytes !== null) expect(toBase64url(bytes)).toBe(text);
    }),
    { numRuns: 1000 },
  );
});

test.each(['A', 'AAAAA', 'AB', 'AAB', 'Zg==', 'Zm9+', 'Zm9/', 'Zm 9', 'Zm9\n', 'Zmé8', '\u{1f600}AA'])(
  '%j is refused',
  (text) => {
    expect(fromBase64url(text)).toBeNull();
  },
);
