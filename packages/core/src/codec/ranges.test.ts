import fc from 'fast-check';
import { expect, it } from 'vitest';
import { limits } from '../base/limits.ts';
import { anyRanges } from '../ring/bucket-range.arbitrary.ts';
import { readRanges, writeRanges } from './ranges.ts';
import { ByteReader } from './reader.ts';
import { ByteWriter } from './writer.ts';

const max = limits.pullRangesMax;

function reading(write: (writer: ByteWriter) => void) {
  const writer = new ByteWriter();
  write(writer);
  const reader = new ByteReader(writer.finish());
  return { reader, ranges: readRanges(reader, max) };
}

it('ranges come back as they were written', () => {
  fc.assert(
    fc.property(anyRanges(max), (given) => {
      const { reader, ranges } = reading((writer) => writeRanges(writer, given));
      expect([reader.complete(), ranges]).toEqual([true, given]);
    }),
  );
});

it('so many ranges fit one message, and no more (limits.pullRangesMax)', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => ({ from: 2 * i, to: 2 * i }));
  expect(reading((writer) => writeRanges(writer, many(max))).reader.failure).toBeNull();
  expect(reading((writer) => writeRanges(writer, many(max + 1))).reader.failure).toBe('malformed');
});

it.each([
  ['none', [0]],
  ['one behind the last bucket', [1, 65_535, 1]],
  ['more than there are bytes', [9, 0, 0]],
])('refuses %s', (_, numbers) => {
  const { reader } = reading((writer) => {
    for (const number of numbers) writer.varint(number);
  });
  expect(reader.failure).not.toBeNull();
});
