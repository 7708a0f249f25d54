import fc from 'fast-check';

/** Well-formed text of every plane, control characters included, at least one character long. */
export const anyText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0xe000, max: 0x10_ffff })), {
    minLength: 1,
    maxLength: 100,
  })
  .map((points) => String.fromCodePoint(...points));
