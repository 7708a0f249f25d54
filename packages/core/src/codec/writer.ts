import { assert } from '../base/assert.ts';
import { utf8Length, writeUtf8 } from '../base/utf8.ts';
import { writeVarint } from './varint.ts';

/** A buffer above this is let go at `clear`: one large value must not hold its memory for ever. */
const keptBytesMax = 1 << 20;

const varintBytesMax = 8;

const f64 = new DataView(new ArrayBuffer(8));

/**
 * Appends to bytes that grow as needed. `ByteReader` reads the same fields back in the same order. Numbers of fixed
 * width are little-endian; texts and byte strings carry their length in front.
 */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  /** `roomBytes` is what it can take before it must grow. */
  constructor(roomBytes = 256) {
    this.#bytes = new Uint8Array(roomBytes);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Starts over with nothing written, keeping the buffer if it is of ordinary size. */
  clear(): this {
    this.#length = 0;
    if (this.#bytes.length > keptBytesMax) this.#bytes = new Uint8Array(keptBytesMax);
    return this;
  }

  /** An integer from 0 to 255. */
  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** An integer from 0 to 2^32 − 1. */
  u32(value: number): void {
    this.#reserve(4);
    this.#length += 4;
    this.patchU32(this.#length - 4, value);
  }

  /** Overwrites the four bytes at `at`, written before as a placeholder. */
  patchU32(at: number, value: number): void {
    assert(at + 4 <= this.#length, 'only bytes already written are patched');
    this.#bytes[at] = value;
    this.#bytes[at + 1] = value >>> 8;
    this.#bytes[at + 2] = value >>> 16;
    this.#bytes[at + 3] = value >>> 24;
  }

  /** An integer from 0 to 2^53 − 1, shorter the smaller it is. */
  varint(value: number): void {
    this.#reserve(varintBytesMax);
    this.#length = writeVarint(value, this.#bytes, this.#length);
  }

  /** Any number, exactly (IEEE 754 binary64). */
  f64(value: number): void {
    this.#reserve(8);
    f64.setFloat64(0, value, true);
    for (let i = 0; i < 8; i++) this.#bytes[this.#length++] = f64.getUint8(i);
  }

  /** One bit, in a byte. */
  flag(value: boolean): void {
    this.u8(value ? 1 : 0);
  }

  /** Well-formed text as UTF-8. */
  text(value: string): void {
    if (value.length < 0x80) {
      this.#reserve(1 + 3 * value.length);
      const start = this.#length + 1;
      const end = writeUtf8(value, this.#bytes, start);
      if (end - start < 0x80) {
        this.#bytes[start - 1] = end - start;
        this.#length = end;
        return;
      }
    }
    const length = utf8Length(value);
    this.varint(length);
    this.#reserve(length);
    this.#length = writeUtf8(value, this.#bytes, this.#length);
  }

  /** 64 bits given as 16 lower-case hexadecimal digits, in eight bytes, most significant first. */
  hex64(digits: string): void {
    assert(digits.length === 16, 'a 64-bit number has 16 hexadecimal digits');
    this.#reserve(8);
    for (let i = 0; i < 16; i += 2) {
      this.#bytes[this.#length++] = (nibble(digits.charCodeAt(i)) << 4) | nibble(digits.charCodeAt(i + 1));
    }
  }

  /** A byte string with its length in front. */
  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.raw(value);
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** What has been written from `from` on, for reading only and only until the next write. */
  view(from = 0): Uint8Array {
    return this.#bytes.subarray(from, this.#length);
  }

  /** A copy of what has been written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

function nibble(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  assert(unit >= 0x61 && unit <= 0x66, 'hexadecimal digits are 0 to 9 and a to f');
  return unit - 0x57;
}
