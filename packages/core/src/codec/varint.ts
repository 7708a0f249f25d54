/**
 * Unsigned integers from 0 to 2^53 − 1 in one to eight bytes, seven bits each, least significant first (LEB128).
 * There is one encoding of each number: a longer one is refused, because records and rings are compared as bytes.
 */
import { assert } from '../base/assert.ts';

/** Bytes that `value` takes. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
  return length;
}

/** Writes `value` into `into` from `at` on, where there must be room, and returns the end. */
export function writeVarint(value: number, into: Uint8Array, at: number): number {
  assert(Number.isSafeInteger(value) && value >= 0, 'a varint is an integer from 0 to 2^53 − 1');
  let end = at;
  let rest = value;
  while (rest > 0x7fff_ffff) {
    // Four bytes at a time: one division, then 32-bit arithmetic.
    const low = rest % 0x1000_0000;
    into[end] = low | 0x80;
    into[end + 1] = (low >>> 7) | 0x80;
    into[end + 2] = (low >>> 14) | 0x80;
    into[end + 3] = (low >>> 21) | 0x80;
    end += 4;
    rest = Math.floor(rest / 0x1000_0000);
  }
  while (rest >= 0x80) {
    into[end++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  into[end++] = rest;
  return end;
}

/** `readVarint`: the bytes end before the number does. */
export const varintTruncated = -1;
/** `readVarint`: over 2^53 − 1, or longer than need be. */
export const varintMalformed = -2;

/** Bits that the eighth byte may use: 7 × 7 + 4 = 53. */
const lastByteMax = 0x0f;

/** The number that starts at `at` and ends before `end`, or why there is none. It takes `varintLength` of it bytes. */
export function readVarint(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  let unit = 1;
  for (let i = at; i < end; i++) {
    const byte = bytes[i]!;
    if (i - at === 7 && byte > lastByteMax) return varintMalformed;
    value += (byte & 0x7f) * unit;
    if (byte < 0x80) return byte === 0 && i > at ? varintMalformed : value;
    unit *= 0x80;
  }
  return varintTruncated;
}
