import type { ErrorDetails } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { readList, readProse, writeList, writeProse } from './field.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

/** What a value is, as the byte before it. */
const tags = { null: 0, false: 1, true: 2, number: 3, text: 4, list: 5, object: 6 } as const;

/**
 * Writes the details of an error: what JSON can say, up to `detailsDepthMax` levels. Anything else becomes null, because
 * an error must reach the client even if one of its facts cannot.
 */
export function writeDetails(writer: ByteWriter, details: ErrorDetails): void {
  writeValue(writer, details, 0);
}

/** Reads the details of an error, which are an object. */
export function readDetails(reader: ByteReader): ErrorDetails {
  if (reader.u8() !== tags.object) reader.fail('malformed');
  return readObject(reader, 1);
}

function writeValue(writer: ByteWriter, value: unknown, depth: number): void {
  if (typeof value === 'number') {
    writer.u8(tags.number);
    writer.f64(value);
  } else if (typeof value === 'string') {
    writer.u8(tags.text);
    writeProse(writer, value);
  } else if (typeof value === 'boolean') {
    writer.u8(value ? tags.true : tags.false);
  } else if (typeof value === 'object' && value !== null && depth < limits.detailsDepthMax) {
    writeNested(writer, value, depth + 1);
  } else writer.u8(tags.null);
}

function writeNested(writer: ByteWriter, value: object, depth: number): void {
  if (Array.isArray(value)) {
    writer.u8(tags.list);
    writeList(writer, value, (w, item) => writeValue(w, item, depth));
    return;
  }
  writer.u8(tags.object);
  writeList(writer, Object.entries(value), (w, [name, item]) => {
    writeProse(w, name);
    writeValue(w, item, depth);
  });
}

/** Deeper nesting than is written fails the reader. */
function readValue(reader: ByteReader, depth: number): unknown {
  const tag = reader.u8();
  switch (tag) {
    case tags.null:
      return null;
    case tags.false:
    case tags.true:
      return tag === tags.true;
    case tags.number:
      return reader.f64();
    case tags.text:
      return readProse(reader);
  }
  if (depth < limits.detailsDepthMax) {
    if (tag === tags.list) return readList(reader, (r) => readValue(r, depth + 1));
    if (tag === tags.object) return readObject(reader, depth + 1);
  }
  reader.fail('malformed');
  return null;
}

/** `fromEntries` makes every name an own property, `__proto__` too. */
function readObject(reader: ByteReader, depth: number): ErrorDetails {
  return Object.fromEntries(readList(reader, (r) => [readProse(r), readValue(r, depth)]));
}
