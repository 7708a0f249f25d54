import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyText } from './text.arbitrary.ts';
import { isWellFormed, utf8Length } from './text.ts';

const anyUnits = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));

test('the length is that of the encoder', () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
    }),
  );
});

test('well-formed is what survives encoding and decoding', () => {
  fc.assert(
    fc.property(anyUnits, (text) => {
      const survives =
        new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text)) === text;
      expect(isWellFormed(text)).toBe(survives);
    }),
  );
});
