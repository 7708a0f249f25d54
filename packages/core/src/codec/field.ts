/** Small fields that many messages share. */
import { type NodeId, parseNodeId, type WallMs } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { isWellFormed } from '../base/utf8.ts';
import { type KeyRef, keyRefFromHash } from '../ring/key.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

/** UTF-8 takes at most three bytes for each UTF-16 code unit. */
const bytesPerChar = 3;

const nodeIdBytesMax = 64;

/** Longest text that names something small and is not bounded elsewhere: a zone, a version, a dot. */
export const nameBytesMax = 256;

/** A data row: `d/`, hash, table, key and two slashes. */
export const rowBytesMax = 2 + 16 + 1 + bytesPerChar * limits.tableCharsMax + 1 + limits.keyBytesMax;

/** Writes `value` behind a mark, or only the mark that there is none. */
export function writeNullable<T>(
  writer: ByteWriter,
  value: T | null,
  write: (writer: ByteWriter, value: T) => void,
): void {
  writer.flag(value !== null);
  if (value !== null) write(writer, value);
}

/** Reads what `writeNullable` wrote. */
export function readNullable<T>(reader: ByteReader, read: (reader: ByteReader) => T): T | null {
  return reader.flag() ? read(reader) : null;
}

/** Writes a count and each item. */
export function writeList<T>(
  writer: ByteWriter,
  items: readonly T[],
  write: (writer: ByteWriter, item: T) => void,
): void {
  writer.varint(items.length);
  for (const item of items) write(writer, item);
}

/** Reads what `writeList` wrote; each item must take a byte at least, so a false count cannot ask for much. */
export function readList<T>(reader: ByteReader, read: (reader: ByteReader) => T): T[] {
  const count = reader.count(1);
  const items: T[] = [];
  for (let i = 0; i < count && reader.failure === null; i++) items.push(read(reader));
  return items;
}

/** Writes a key's address with its hash, so that the receiver need not hash again. */
export function writeRef(writer: ByteWriter, ref: KeyRef): void {
  writer.hex64(ref.hash);
  writer.text(ref.table);
  writer.text(ref.key);
}

/** Reads a key's address; the hash is taken on trust, as everything a peer says of its data. */
export function readRef(reader: ByteReader): KeyRef {
  const hash = reader.hex64();
  const table = readTable(reader);
  const key = reader.text(limits.keyBytesMax);
  if (key === '') reader.fail('malformed');
  return keyRefFromHash(table, key, hash);
}

/** Reads a table's name; one that no table can have fails the reader. */
export function readTable(reader: ByteReader): string {
  const table = reader.text(bytesPerChar * limits.tableCharsMax);
  if (table === '' || table.length > limits.tableCharsMax || table.includes('/')) reader.fail('malformed');
  return table;
}

/** Writes a node id. */
export function writeNodeId(writer: ByteWriter, nodeId: NodeId): void {
  writer.text(nodeId);
}

/** Reads a node id; what cannot be one fails the reader. */
export function readNodeId(reader: ByteReader): NodeId {
  const text = reader.text(nodeIdBytesMax);
  const nodeId = parseNodeId(text);
  if (nodeId === null) reader.fail('malformed');
  return nodeId ?? ('' as NodeId);
}

/** 64 bits in hexadecimal digits, or the empty text for none. */
export function writeDigits(writer: ByteWriter, digits: string): void {
  writer.flag(digits !== '');
  if (digits !== '') writer.hex64(digits);
}

/** Reads what `writeDigits` wrote. */
export function readDigits(reader: ByteReader): string {
  return reader.flag() ? reader.hex64() : '';
}

/** Text for people: cut to its bound and made well formed, because what it quotes may be neither. */
export function writeProse(writer: ByteWriter, text: string): void {
  const cut = text.slice(0, limits.proseCharsMax);
  writer.text(isWellFormed(cut) ? cut : cut.replace(/\p{Surrogate}/gu, '\ufffd'));
}

/** Reads text for people. */
export function readProse(reader: ByteReader): string {
  return reader.text(bytesPerChar * limits.proseCharsMax);
}

/** A time at which something expires; 0 for never. */
export function readExpiry(reader: ByteReader): WallMs {
  const expiresAt = reader.f64();
  if (!(expiresAt >= 0 && expiresAt < Number.POSITIVE_INFINITY)) reader.fail('malformed');
  return expiresAt;
}
