/**
 * SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012): a keyed 64-bit tag for short inputs.
 * Each 64-bit word is a pair of 32-bit halves, because BigInt would allocate on every operation.
 */
import { assert } from '../base/assert.ts';
import { wordToHex } from '../base/bytes.ts';

/** A 128-bit key as four little-endian words. */
export interface SipKey {
  readonly k0Low: number;
  readonly k0High: number;
  readonly k1Low: number;
  readonly k1High: number;
}

/** A 64-bit tag as two unsigned words. */
export interface SipTag {
  readonly low: number;
  readonly high: number;
}

/** The key of exactly 16 bytes. */
export function sipKey(bytes: Uint8Array): SipKey {
  assert(bytes.length === 16, 'a SipHash key has 16 bytes');
  return { k0Low: word(bytes, 0), k0High: word(bytes, 4), k1Low: word(bytes, 8), k1High: word(bytes, 12) };
}

/** The four words of state, low and high halves in turn; scratch of one call, which never yields. */
const v = new Int32Array(8);

/** The tag of the first `length` bytes under `key`. */
export function sipHash(key: SipKey, bytes: Uint8Array, length = bytes.length): SipTag {
  seed(key);
  const whole = length - (length % 8);
  for (let at = 0; at < whole; at += 8) absorb(word(bytes, at), word(bytes, at + 4));
  let low = 0;
  let high = length << 24;
  for (let i = whole; i < length; i++) {
    const shift = 8 * (i - whole);
    if (shift < 32) low |= bytes[i]! << shift;
    else high |= bytes[i]! << (shift - 32);
  }
  absorb(low, high);
  v[4]! ^= 0xff;
  rounds(4);
  return { low: (v[0]! ^ v[2]! ^ v[4]! ^ v[6]!) >>> 0, high: (v[1]! ^ v[3]! ^ v[5]! ^ v[7]!) >>> 0 };
}

/** A tag as 16 hexadecimal digits, most significant first. */
export function sipTagHex(tag: SipTag): string {
  return wordToHex(tag.high) + wordToHex(tag.low);
}

function seed(key: SipKey): void {
  // "somepseudorandomlygeneratedbytes", the constants of the paper, section 2.1.
  v[0] = key.k0Low ^ 0x70736575;
  v[1] = key.k0High ^ 0x736f6d65;
  v[2] = key.k1Low ^ 0x6e646f6d;
  v[3] = key.k1High ^ 0x646f7261;
  v[4] = key.k0Low ^ 0x6e657261;
  v[5] = key.k0High ^ 0x6c796765;
  v[6] = key.k1Low ^ 0x79746573;
  v[7] = key.k1High ^ 0x74656462;
}

function absorb(low: number, high: number): void {
  v[6]! ^= low;
  v[7]! ^= high;
  rounds(2);
  v[0]! ^= low;
  v[1]! ^= high;
}

/** SipRound (section 2.2) `count` times, on low and high halves: additions carry, rotations cross over. */
function rounds(count: number): void {
  let v0 = v[0]!;
  let v0h = v[1]!;
  let v1 = v[2]!;
  let v1h = v[3]!;
  let v2 = v[4]!;
  let v2h = v[5]!;
  let v3 = v[6]!;
  let v3h = v[7]!;
  for (let i = 0; i < count; i++) {
    let turned = 0;
    v0 = (v0 + v1) | 0;
    v0h = (v0h + v1h + (v0 >>> 0 < v1 >>> 0 ? 1 : 0)) | 0;
    turned = (v1 << 13) | (v1h >>> 19);
    v1h = ((v1h << 13) | (v1 >>> 19)) ^ v0h;
    v1 = turned ^ v0;
    turned = v0;
    v0 = v0h;
    v0h = turned;
    v2 = (v2 + v3) | 0;
    v2h = (v2h + v3h + (v2 >>> 0 < v3 >>> 0 ? 1 : 0)) | 0;
    turned = (v3 << 16) | (v3h >>> 16);
    v3h = ((v3h << 16) | (v3 >>> 16)) ^ v2h;
    v3 = turned ^ v2;
    v0 = (v0 + v3) | 0;
    v0h = (v0h + v3h + (v0 >>> 0 < v3 >>> 0 ? 1 : 0)) | 0;
    turned = (v3 << 21) | (v3h >>> 11);
    v3h = ((v3h << 21) | (v3 >>> 11)) ^ v0h;
    v3 = turned ^ v0;
    v2 = (v2 + v1) | 0;
    v2h = (v2h + v1h + (v2 >>> 0 < v1 >>> 0 ? 1 : 0)) | 0;
    turned = (v1 << 17) | (v1h >>> 15);
    v1h = ((v1h << 17) | (v1 >>> 15)) ^ v2h;
    v1 = turned ^ v2;
    turned = v2;
    v2 = v2h;
    v2h = turned;
  }
  v[0] = v0;
  v[1] = v0h;
  v[2] = v1;
  v[3] = v1h;
  v[4] = v2;
  v[5] = v2h;
  v[6] = v3;
  v[7] = v3h;
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
