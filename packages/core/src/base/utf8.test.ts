import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareBytes, concatBytes } from './bytes.ts';
import { compareUtf8, isWellFormed, utf8Bytes, utf8Length, utf8Text, writeUtf8 } from './utf8.ts';

const wellFormed = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 40 }));
const anyUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 })
  .map((units) => String.fromCharCode(...units));

describe('encoding', () => {
  test.each([
    ['', []],
    ['a', [0x61]],
    ['\u0000', [0]],
    ['\u007f', [0x7f]],
    ['\u0080', [0xc2, 0x80]],
    ['é', [0xc3, 0xa9]],
    ['\u07ff', [0xdf, 0xbf]],
    ['\u0800', [0xe0, 0xa0, 0x80]],
    ['€', [0xe2, 0x82, 0xac]],
    ['\ud7ff', [0xed, 0x9f, 0xbf]],
    ['\ue000', [0xee, 0x80, 0x80]],
    ['\uffff', [0xef, 0xbf, 0xbf]],
    ['\u{10000}', [0xf0, 0x90, 0x80, 0x80]],
    ['😀', [0xf0, 0x9f, 0x98, 0x80]],
    ['\u{10ffff}', [0xf4, 0x8f, 0xbf, 0xbf]],
    ['a€b', [0x61, 0xe2, 0x82, 0xac, 0x62]],
  ])('%j has its bytes', (text, bytes) => {
    expect([...utf8Bytes(text)]).toEqual(bytes);
    expect(utf8Length(text)).toBe(bytes.length);
    expect(utf8Text(Uint8Array.from(bytes))).toBe(text);
  });

  test('agrees with percent-encoding, the language’s own UTF-8', () => {
    fc.assert(
      fc.property(wellFormed, (text) => {
        const expected = [...encodeURIComponent(text).matchAll(/%([0-9A-F]{2})|(.)/g)].map(
          ([, hex, plain]) => (hex === undefined ? plain!.charCodeAt(0) : Number.parseInt(hex, 16)),
        );
        expect([...utf8Bytes(text)]).toEqual(expected);
      }),
    );
  });

  test('text and bytes turn into each other, also far beyond one chunk', () => {
    fc.assert(
      fc.property(wellFormed, fc.constantFrom(1, 300), (text, times) => {
        const long = text.repeat(times);
        expect(utf8Text(utf8Bytes(long))).toBe(long);
        expect(utf8Bytes(long).length).toBe(utf8Length(long));
      }),
      { numRuns: 200 },
    );
    const wide = 'é😀a'.repeat(5000);
    expect(utf8Text(utf8Bytes(wide))).toBe(wide);
  });

  test('writes in place and says where it ended', () => {
    const into = new Uint8Array(8).fill(0xff);
    expect(writeUtf8('a€', into, 2)).toBe(6);
    expect([...into]).toEqual([0xff, 0xff, 0x61, 0xe2, 0x82, 0xac, 0xff, 0xff]);
  });

  test('reads a part of a larger array', () => {
    const bytes = utf8Bytes('xx€yy');
    expect(utf8Text(bytes, 2, 5)).toBe('€');
    expect(utf8Text(bytes, 2, 4)).toBeNull();
  });
});

describe('malformed text', () => {
  test.each([
    ['\ud800', false],
    ['\udc00', false],
    ['a\ud83d', false],
    ['\ude00\ud83d', false],
    ['\ud83d\ud83d\ude00', false],
    ['😀', true],
    ['', true],
  ])('%j well-formed: %s', (text, expected) => {
    expect(isWellFormed(text)).toBe(expected);
  });

  test('is refused, not replaced: two lone surrogates must not become one key', () => {
    expect(() => utf8Bytes('\ud800')).toThrow('only well-formed text');
    expect(() => utf8Bytes('\udc01x')).toThrow('only well-formed text');
  });

  test('well-formed is what percent-encoding accepts', () => {
    fc.assert(
      fc.property(anyUnits, (text) => {
        let accepted = true;
        try {
          encodeURIComponent(text);
        } catch {
          accepted = false;
        }
        expect(isWellFormed(text)).toBe(accepted);
      }),
    );
  });
});

describe('malformed bytes', () => {
  test.each([
    ['a continuation alone', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong NUL of 3 bytes', [0xe0, 0x80, 0x80]],
    ['an overlong form of 4 bytes', [0xf0, 0x80, 0x80, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a lead byte that never occurs', [0xf8, 0x88, 0x80, 0x80, 0x80]],
    ['0xFF', [0xff]],
    ['a sequence cut short', [0x61, 0xe2, 0x82]],
    ['a sequence interrupted', [0xe2, 0x28, 0xa1]],
  ])('%s is refused', (_name, bytes) => {
    expect(utf8Text(Uint8Array.from(bytes))).toBeNull();
  });

  test('whatever is accepted encodes back to the same bytes', () => {
    const near = fc.array(
      fc.constantFrom(0x41, 0x80, 0xbf, 0xc2, 0xe0, 0xa0, 0xed, 0x9f, 0xf0, 0x90, 0xf4, 0x8f),
      {
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(near, (list) => {
        const bytes = Uint8Array.from(list);
        const text = utf8Text(bytes);
        if (text !== null) expect([...utf8Bytes(text)]).toEqual(list);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('order', () => {
  test('is that of the bytes', () => {
    fc.assert(
      fc.property(wellFormed, wellFormed, wellFormed, (head, a, b) => {
        const [x, y] = [head + a, head + b];
        expect(Math.sign(compareUtf8(x, y))).toBe(Math.sign(compareBytes(utf8Bytes(x), utf8Bytes(y))));
      }),
      { numRuns: 500 },
    );
  });

  test('puts code points above U+FFFF last, unlike code-unit order', () => {
    expect(compareUtf8('\u{10000}', '\uffff')).toBeGreaterThan(0);
    expect('\u{10000}' < '\uffff').toBe(true);
  });

  test('concatenation keeps bytes', () => {
    expect(concatBytes([utf8Bytes('a'), utf8Bytes('€')])).toEqual(utf8Bytes('a€'));
  });
});
