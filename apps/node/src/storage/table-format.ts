/**
 * LevelDB's table files as far as their checksums and entries (doc/table_format.md): data blocks, a filter, an index of
 * the data blocks, and a footer that says where the index is. Each block carries a masked CRC-32C.
 */
import { crc32c } from '@starling/core/codec/crc32c.ts';

/** Where a block lies in its file, without its trailer of one byte of type and four of checksum. */
export interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

/** One entry of a block. `key` of a data block ends in eight bytes of sequence number and type. */
export interface BlockEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface Footer {
  readonly metaIndex: BlockHandle;
  readonly index: BlockHandle;
}

export const trailerBytes = 5;
const footerBytes = 48;
const magic = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];

/** LevelDB stores checksums rotated and shifted, so that a checksum of data with checksums in it stays meaningful. */
export function unmaskChecksum(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

export function readWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** The footer of a whole file, or null if it has none. */
export function readFooter(file: Uint8Array): Footer | null {
  const start = file.length - footerBytes;
  if (start < 0 || magic.some((byte, i) => file[file.length - magic.length + i] !== byte)) return null;
  const cursor = new Cursor(file, start, file.length - magic.length);
  const metaIndex = cursor.handle();
  const index = cursor.handle();
  return metaIndex === null || index === null ? null : { metaIndex, index };
}

/** Whether a block lies within the file and its bytes are those that were written. */
export function isBlockSound(file: Uint8Array, { offset, size }: BlockHandle): boolean {
  const end = offset + size + 1;
  if (end + 4 > file.length) return false;
  return crc32c(file, offset, end) === unmaskChecksum(readWord(file, end));
}

/** The handle that an entry of an index holds, or null. */
export function decodeHandle(value: Uint8Array): BlockHandle | null {
  return new Cursor(value, 0, value.length).handle();
}

/**
 * The entries of an uncompressed block, or null if LevelDB would stumble over it: lengths that do not add up, or
 * restart points, of which its binary search makes use, that are none.
 */
export function readEntries(file: Uint8Array, { offset, size }: BlockHandle): readonly BlockEntry[] | null {
  const end = offset + size;
  if (size < 8 || end + trailerBytes > file.length || file[end] !== 0) return null;
  const restarts = readWord(file, end - 4);
  const limit = end - 4 - 4 * restarts;
  if (restarts < 1 || limit < offset) return null;
  const cursor = new Cursor(file, offset, limit);
  const entries: BlockEntry[] = [];
  const wholeAt = new Set<number>();
  let last = new Uint8Array(0);
  while (cursor.at < limit) {
    const start = cursor.at - offset;
    const [shared, unshared, valueBytes] = [cursor.varint(), cursor.varint(), cursor.varint()];
    if (shared === null || unshared === null || valueBytes === null || shared > last.length) return null;
    const rest = cursor.take(unshared);
    const value = cursor.take(valueBytes);
    if (rest === null || value === null) return null;
    if (shared === 0) wholeAt.add(start);
    last = concat(last.subarray(0, shared), rest);
    entries.push({ key: last, value });
  }
  for (let i = 0; i < restarts; i++) if (!wholeAt.has(readWord(file, limit + 4 * i))) return null;
  return entries;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

/** Reads LevelDB's varints and what they measure, without ever reading past the end. */
export class Cursor {
  at: number;
  readonly #bytes: Uint8Array;
  readonly #end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.at = start;
    this.#end = end;
  }

  /** A varint of at most eight bytes: LevelDB's sequence numbers have seven. */
  varint(): number | null {
    let value = 0;
    for (let factor = 1; factor < 2 ** 56 && this.at < this.#end; factor *= 128) {
      const byte = this.#bytes[this.at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    return null;
  }

  take(length: number): Uint8Array | null {
    if (this.at + length > this.#end) return null;
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  /** Bytes with their length before them. */
  text(): Uint8Array | null {
    const length = this.varint();
    return length === null ? null : this.take(length);
  }

  handle(): BlockHandle | null {
    const [offset, size] = [this.varint(), this.varint()];
    return offset === null || size === null ? null : { offset, size };
  }
}
