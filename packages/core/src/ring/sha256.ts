/**
 * SHA-256 (FIPS 180-4) in plain arithmetic, because the core has no platform beneath it. It names things (keys,
 * records, requests); secrets are compared and signed elsewhere. Built for inputs of one or two blocks.
 */
import { wordToHex } from '../base/bytes.ts';

const blockBytes = 64;

/** First 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, §4.2.2). */
const roundConstants = fractions(64, Math.cbrt);

/** First 32 bits of the fractional parts of the square roots of the first 8 primes (§5.3.3). */
const initialState = fractions(8, Math.sqrt);

/** Scratch of one call; nothing of it outlives the call, which never yields. */
const schedule = new Int32Array(64);
const state = new Int32Array(8);
const tail = new Uint8Array(2 * blockBytes);

/** The 32 bytes of the digest of `bytes`. */
export function sha256(bytes: Uint8Array): Uint8Array {
  run(bytes, bytes.length);
  const digest = new Uint8Array(32);
  const view = new DataView(digest.buffer);
  for (let i = 0; i < 8; i++) view.setInt32(4 * i, state[i]!);
  return digest;
}

/** The first 64 bits of the digest of the first `length` bytes, as 16 lower-case hexadecimal digits. */
export function sha256Hex64(bytes: Uint8Array, length = bytes.length): string {
  run(bytes, length);
  return wordToHex(state[0]!) + wordToHex(state[1]!);
}

function run(bytes: Uint8Array, length: number): void {
  for (let i = 0; i < 8; i++) state[i] = initialState[i]!;
  const whole = length - (length % blockBytes);
  for (let at = 0; at < whole; at += blockBytes) compress(bytes, at);
  const padded = pad(bytes, whole, length);
  compress(tail, 0);
  if (padded > blockBytes) compress(tail, blockBytes);
}

/** Lays the last bytes, the padding and the length in bits (§5.1.1) out in `tail` and returns its size: 64 or 128. */
function pad(bytes: Uint8Array, whole: number, length: number): number {
  const rest = length - whole;
  const padded = rest < blockBytes - 8 ? blockBytes : 2 * blockBytes;
  for (let i = 0; i < rest; i++) tail[i] = bytes[whole + i]!;
  tail[rest] = 0x80;
  for (let i = rest + 1; i < padded - 8; i++) tail[i] = 0;
  const high = Math.floor(length / 0x2000_0000);
  const low = length << 3;
  for (let i = 1, word = low; i <= 4; i++, word >>>= 8) tail[padded - i] = word;
  for (let i = 5, word = high; i <= 8; i++, word >>>= 8) tail[padded - i] = word;
  return padded;
}

function compress(bytes: Uint8Array, at: number): void {
  const w = schedule;
  for (let i = 0, p = at; i < 16; i++, p += 4) {
    w[i] = (bytes[p]! << 24) | (bytes[p + 1]! << 16) | (bytes[p + 2]! << 8) | bytes[p + 3]!;
  }
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!;
    const y = w[i - 2]!;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + roundConstants[i]! + w[i]!) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = (state[0]! + a) | 0;
  state[1] = (state[1]! + b) | 0;
  state[2] = (state[2]! + c) | 0;
  state[3] = (state[3]! + d) | 0;
  state[4] = (state[4]! + e) | 0;
  state[5] = (state[5]! + f) | 0;
  state[6] = (state[6]! + g) | 0;
  state[7] = (state[7]! + h) | 0;
}

/** Doubles carry 53 bits: ample for 32 bits of fraction beside an integer part below 18. */
function fractions(count: number, root: (n: number) => number): Int32Array {
  const words = new Int32Array(count);
  let found = 0;
  for (let n = 2; found < count; n++) {
    if (!isPrime(n)) continue;
    const value = root(n);
    words[found++] = Math.floor((value - Math.floor(value)) * 0x1_0000_0000);
  }
  return words;
}

function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
}
