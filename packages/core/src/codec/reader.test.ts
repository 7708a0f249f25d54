import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8Bytes, utf8Length } from '../base/utf8.ts';
import { ByteReader } from './reader.ts';
import { ByteWriter } from './writer.ts';

const field = fc.oneof(
  fc.record({ type: fc.constant('u8' as const), value: fc.nat(255) }),
  fc.record({ type: fc.constant('u32' as const), value: fc.nat(0xffffffff) }),
  fc.record({ type: fc.constant('varint' as const), value: fc.nat(Number.MAX_SAFE_INTEGER) }),
  fc.record({ type: fc.constant('f64' as const), value: fc.double() }),
  fc.record({ type: fc.constant('flag' as const), value: fc.boolean() }),
  fc.record({ type: fc.constant('text' as const), value: fc.string({ unit: 'binary', maxLength: 300 }) }),
  fc.record({ type: fc.constant('hex64' as const), value: fc.stringMatching(/^[0-9a-f]{16}$/) }),
  fc.record({ type: fc.constant('bytes' as const), value: fc.uint8Array({ maxLength: 300 }) }),
);
type Field = typeof field extends fc.Arbitrary<infer F> ? F : never;
type Value = number | boolean | string | Uint8Array;

function write(writer: ByteWriter, { type, value }: Field): void {
  (writer[type] as (value: Value) => void).call(writer, value);
}

function read(reader: ByteReader, type: Field['type']): Value {
  return type === 'text' ? reader.text(10_000) : reader[type]();
}

test('fields come back in order, whatever buffer they were written to', () => {
  fc.assert(
    fc.property(fc.array(field), fc.nat(20), (fields, room) => {
      const writer = new ByteWriter(room);
      for (const f of fields) write(writer, f);
      const bytes = writer.finish();
      expect(bytes.length).toBe(writer.length);
      expect(writer.view()).toEqual(bytes);
      const reader = new ByteReader(bytes);
      for (const { type, value } of fields) expect(read(reader, type)).toEqual(value);
      expect(reader.remaining).toBe(0);
      expect(reader.complete()).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('any bytes, read as any fields, give values or a failure that sticks', () => {
  const type = field.map((f) => f.type);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), fc.array(type, { maxLength: 12 }), (bytes, types) => {
      const reader = new ByteReader(bytes);
      for (const t of types) {
        const before = reader.failure;
        const value = read(reader, t);
        if (before === null) continue;
        expect(reader.failure).toBe(before);
        expect([0, '', false, new Uint8Array(0)]).toContainEqual(value);
      }
      expect(reader.complete()).toBe(reader.failure === null);
    }),
    { numRuns: 1000 },
  );
});

describe('failures have a type', () => {
  const cases: [string, number[], (reader: ByteReader) => unknown, string][] = [
    ['a number cut short', [0x80], (r) => r.varint(), 'truncated'],
    ['a fixed number cut short', [1, 2, 3], (r) => r.u32(), 'truncated'],
    ['a number in a longer form', [0x80, 0], (r) => r.varint(), 'malformed'],
    ['a flag of two', [2], (r) => r.flag(), 'malformed'],
    ['a text over its cap', [4, 97, 97, 97, 97], (r) => r.text(3), 'tooLong'],
    ['a text longer than the bytes', [4, 97], (r) => r.text(9), 'truncated'],
    ['a text that is no UTF-8', [1, 0xff], (r) => r.text(9), 'malformed'],
    ['bytes over their cap', [2, 0, 0], (r) => r.bytes(1), 'tooLong'],
    ['bytes longer than what is left', [9, 0, 0], (r) => r.bytes(), 'truncated'],
    ['more items than could follow', [4, 0, 0, 0, 0, 0, 0], (r) => r.count(2), 'truncated'],
    ['something after the end', [1, 1], (r) => r.u8(), 'trailing'],
  ];
  test.each(cases)('%s', (_name, bytes, readOne, failure) => {
    const reader = new ByteReader(Uint8Array.from(bytes));
    readOne(reader);
    expect(reader.complete()).toBe(false);
    expect(reader.failure).toBe(failure);
  });

  test('a text exactly at its cap passes', () => {
    const writer = new ByteWriter();
    writer.text('€€');
    expect(new ByteReader(writer.finish()).text(utf8Length('€€'))).toBe('€€');
  });

  test('as many items as could follow pass', () => {
    expect(new ByteReader(Uint8Array.of(3, 0, 0, 0, 0, 0, 0)).count(2)).toBe(3);
  });
});

describe('memory', () => {
  test('bytes are a copy, a view is not', () => {
    const source = Uint8Array.of(1, 7, 1, 8);
    const reader = new ByteReader(source);
    const copy = reader.bytes();
    const view = reader.view();
    source.fill(0);
    expect([...copy]).toEqual([7]);
    expect([...view]).toEqual([0]);
    expect(copy.buffer.byteLength).toBe(1);
  });

  test('a writer starts over without what it held, and lets a large buffer go', () => {
    const writer = new ByteWriter(4);
    writer.raw(new Uint8Array(3 << 20));
    expect(writer.clear().length).toBe(0);
    expect(writer.view().buffer.byteLength).toBe(1 << 20);
    writer.text('a');
    expect([...writer.finish()]).toEqual([1, 97]);
  });

  test('a length is patched in place once known, and only there', () => {
    const writer = new ByteWriter(4);
    writer.u32(0);
    writer.raw(utf8Bytes('abc'));
    writer.patchU32(0, 3);
    expect([...writer.finish()]).toEqual([3, 0, 0, 0, 97, 98, 99]);
    expect(() => writer.patchU32(4, 1)).toThrow('already written');
  });

  test('a window of larger bytes is all that is read', () => {
    const reader = new ByteReader(Uint8Array.of(9, 1, 2, 9), 1, 3);
    expect([reader.u8(), reader.u8(), reader.u8()]).toEqual([1, 2, 0]);
    expect(reader.failure).toBe('truncated');
  });

  test('digits that are not hexadecimal are not written', () => {
    const writer = new ByteWriter();
    for (const text of ['0', 'X123456789abcdef', '0123456789ABCDEF'])
      expect(() => writer.hex64(text)).toThrow();
  });
});
