import { bytesToHex } from '../base/bytes.ts';
import { utf8Text } from '../base/utf8.ts';
import { readVarint, varintLength, varintTruncated } from './varint.ts';

/**
 * Why bytes could not be read. `truncated`: they end too soon. `malformed`: they are not what the writer writes.
 * `tooLong`: a part is over its cap. `trailing`: something follows the end.
 */
export type ReadFailure = 'truncated' | 'malformed' | 'tooLong' | 'trailing';

const f64 = new DataView(new ArrayBuffer(8));

/**
 * Reads what `ByteWriter` wrote, out of bytes that may be anything. It never throws and never allocates more than the
 * bytes it was given could fill: the first failure sticks, and from then on every read answers zero or nothing. So a
 * decoder reads all fields straight on and asks once, at the end, with `complete`.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;
  #failure: ReadFailure | null = null;

  /** Reads the bytes from `start` to `end`, which the caller must not change meanwhile. */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = plain(bytes);
    this.#at = start;
    this.#end = end;
  }

  /** The first failure, or null while all went well. */
  get failure(): ReadFailure | null {
    return this.#failure;
  }

  /** Bytes not yet read. */
  get remaining(): number {
    return this.#end - this.#at;
  }

  /** Whether everything was read and nothing is left over. */
  complete(): boolean {
    if (this.#at < this.#end) this.fail('trailing');
    return this.#failure === null;
  }

  /** Notes that what was read cannot be; the first failure is the one kept. */
  fail(failure: ReadFailure): void {
    this.#failure ??= failure;
    this.#at = this.#end;
  }

  u8(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : this.#bytes[at]!;
  }

  u32(): number {
    const at = this.#take(4);
    if (at < 0) return 0;
    const b = this.#bytes;
    return (b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24)) >>> 0;
  }

  varint(): number {
    const byte = this.#at < this.#end ? this.#bytes[this.#at]! : 0x80;
    if (byte < 0x80) {
      this.#at++;
      return byte;
    }
    const value = readVarint(this.#bytes, this.#at, this.#end);
    if (value >= 0) {
      this.#at += varintLength(value);
      return value;
    }
    this.fail(value === varintTruncated ? 'truncated' : 'malformed');
    return 0;
  }

  f64(): number {
    const at = this.#take(8);
    if (at < 0) return 0;
    for (let i = 0; i < 8; i++) f64.setUint8(i, this.#bytes[at + i]!);
    return f64.getFloat64(0, true);
  }

  flag(): boolean {
    const value = this.u8();
    if (value > 1) this.fail('malformed');
    return value === 1;
  }

  /** A text of at most `bytesMax` bytes. */
  text(bytesMax: number): string {
    const length = this.varint();
    if (length > bytesMax) this.fail('tooLong');
    const at = this.#take(length);
    if (at < 0 || length === 0) return '';
    const text = utf8Text(this.#bytes, at, at + length);
    if (text === null) this.fail('malformed');
    return text ?? '';
  }

  hex64(): string {
    const at = this.#take(8);
    return at < 0 ? '' : bytesToHex(this.#bytes, at, at + 8);
  }

  /** A byte string of at most `bytesMax` bytes, as a copy that holds nothing else in memory. */
  bytes(bytesMax = this.remaining): Uint8Array {
    const length = this.#lengthOf(bytesMax);
    const at = this.#take(length);
    return at < 0 ? nothing : this.#bytes.slice(at, at + length);
  }

  /** As `bytes`, but a window on the bytes being read: it keeps all of them in memory. */
  view(bytesMax = this.remaining): Uint8Array {
    const length = this.#lengthOf(bytesMax);
    const at = this.#take(length);
    return at < 0 ? nothing : this.#bytes.subarray(at, at + length);
  }

  /** A reader of the next `length` bytes alone, which this one passes over; it has failed if there are not so many. */
  part(length: number): ByteReader {
    const at = this.#take(length);
    const part = new ByteReader(this.#bytes, Math.max(at, 0), Math.max(at, 0) + (at < 0 ? 0 : length));
    if (at < 0) part.fail('truncated');
    return part;
  }

  /** How many items follow; a number that could not fit, at `bytesEachMin` each, is refused before anything is made. */
  count(bytesEachMin: number): number {
    const count = this.varint();
    if (count * bytesEachMin <= this.remaining) return count;
    this.fail('truncated');
    return 0;
  }

  #lengthOf(bytesMax: number): number {
    const length = this.varint();
    if (length > bytesMax) this.fail(length > this.remaining ? 'truncated' : 'tooLong');
    return length;
  }

  /** Moves past `length` bytes and answers where they begin, or −1. */
  #take(length: number): number {
    const at = this.#at;
    if (this.#failure === null && length <= this.#end - at) {
      this.#at = at + length;
      return at;
    }
    this.fail('truncated');
    return -1;
  }
}

const nothing = new Uint8Array(0);

/** A driver may hand over a subclass whose `slice` shares memory; this class relies on one that copies. */
function plain(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
