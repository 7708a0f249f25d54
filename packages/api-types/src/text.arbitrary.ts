import fc from 'fast-check';

/** Well-formed text of every plane, control characters included: cheap to draw, unlike the library's own. */
export function anyText(limits: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<string> {
  const codePoint = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 0x7f }) },
    { weight: 2, arbitrary: fc.integer({ min: 0x80, max: 0xd7ff }) },
    { weight: 1, arbitrary: fc.integer({ min: 0xe000, max: 0x10_ffff }) },
  );
  return fc.array(codePoint, limits).map((points) => String.fromCodePoint(...points));
}
