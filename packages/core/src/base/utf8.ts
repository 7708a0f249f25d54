/**
 * UTF-8 without a platform's encoder. Strict both ways (Unicode 15, §3.9, table 3-7): two different strings never
 * share their bytes and two different byte strings never share their text, because keys are compared as both.
 */
import { assert } from './assert.ts';

/** Longest run handed to one `fromCharCode`: its arguments live on the stack. */
const chunkChars = 4096;

/** False if `text` holds a surrogate without its other half, which UTF-8 cannot express. */
export function isWellFormed(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    if (!isPair(unit, text.charCodeAt(i + 1))) return false;
    i++;
  }
  return true;
}

/** Bytes that `text` takes in UTF-8. A lone surrogate counts as 3, so the answer is safe to compare with a bound. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) length += 1;
    else if (isPair(unit, text.charCodeAt(i + 1))) {
      length += 2;
      i++;
    } else length += 2;
  }
  return length;
}

/** The bytes of `text`, which must be well formed: edges check, because replacing would let two keys become one. */
export function utf8Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  writeUtf8(text, bytes, 0);
  return bytes;
}

/** Writes well-formed `text` into `into` from `at` on, where there must be room, and returns the end. */
export function writeUtf8(text: string, into: Uint8Array, at: number): number {
  let end = at;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) return writeWide(text, i, into, end);
    into[end++] = unit;
  }
  return end;
}

function writeWide(text: string, from: number, into: Uint8Array, at: number): number {
  let end = at;
  for (let i = from; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      into[end++] = unit;
    } else if (unit < 0x800) {
      into[end++] = 0xc0 | (unit >> 6);
      into[end++] = 0x80 | (unit & 63);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      into[end++] = 0xe0 | (unit >> 12);
      into[end++] = 0x80 | ((unit >> 6) & 63);
      into[end++] = 0x80 | (unit & 63);
    } else {
      const low = text.charCodeAt(++i);
      assert(isPair(unit, low), 'only well-formed text is encoded');
      const point = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
      into[end++] = 0xf0 | (point >> 18);
      into[end++] = 0x80 | ((point >> 12) & 63);
      into[end++] = 0x80 | ((point >> 6) & 63);
      into[end++] = 0x80 | (point & 63);
    }
  }
  return end;
}

/**
 * Negative, zero or positive as the UTF-8 bytes of `a` sort before, with or after those of `b`. Code units sort the
 * same way except that surrogates (of code points above U+FFFF) come before U+E000 to U+FFFF; the fix-up moves them.
 */
export function compareUtf8(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** The text of the bytes from `start` to `end`, or null if they are not UTF-8 (overlong forms and surrogates included). */
export function utf8Text(bytes: Uint8Array, start = 0, end = bytes.length): string | null {
  let i = start;
  while (i < end && bytes[i]! < 0x80) i++;
  const ascii = asciiText(bytes, start, i);
  if (i === end) return ascii;
  const rest = wideText(bytes, i, end);
  return rest === null ? null : ascii + rest;
}

function asciiText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= chunkChars) return fromUnits(bytes.subarray(start, end));
  let text = '';
  for (let at = start; at < end; at += chunkChars) {
    text += fromUnits(bytes.subarray(at, Math.min(end, at + chunkChars)));
  }
  return text;
}

function wideText(bytes: Uint8Array, start: number, end: number): string | null {
  const units = new Uint16Array(Math.min(end - start, chunkChars));
  let text = '';
  let filled = 0;
  for (let i = start; i < end; ) {
    const lead = bytes[i]!;
    const size = lead < 0x80 ? 1 : sequenceLength(bytes, i, end);
    if (size === 0) return null;
    if (filled + 2 > units.length && filled > 0) {
      text += fromUnits(units.subarray(0, filled));
      filled = 0;
    }
    const point = codePoint(bytes, i, size);
    if (point > 0xffff) {
      units[filled++] = 0xd800 + ((point - 0x10000) >> 10);
      units[filled++] = 0xdc00 + (point & 0x3ff);
    } else units[filled++] = point;
    i += size;
  }
  return text + fromUnits(units.subarray(0, filled));
}

/** Length of the well-formed sequence of two to four bytes that starts at `i`, or 0 if there is none. */
function sequenceLength(bytes: Uint8Array, i: number, end: number): number {
  const lead = bytes[i]!;
  const size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (size === 0 || i + size > end) return 0;
  for (let k = 1; k < size; k++) if ((bytes[i + k]! & 0xc0) !== 0x80) return 0;
  const second = bytes[i + 1]!;
  if (lead === 0xe0 && second < 0xa0) return 0;
  if (lead === 0xed && second > 0x9f) return 0;
  if (lead === 0xf0 && second < 0x90) return 0;
  if (lead === 0xf4 && second > 0x8f) return 0;
  return size;
}

function codePoint(bytes: Uint8Array, i: number, size: number): number {
  const lead = bytes[i]!;
  if (size === 1) return lead;
  const second = bytes[i + 1]! & 63;
  if (size === 2) return ((lead & 31) << 6) | second;
  const third = bytes[i + 2]! & 63;
  if (size === 3) return ((lead & 15) << 12) | (second << 6) | third;
  return ((lead & 7) << 18) | (second << 12) | (third << 6) | (bytes[i + 3]! & 63);
}

function isPair(high: number, low: number): boolean {
  return high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}

function rank(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function fromUnits(units: Uint8Array | Uint16Array): string {
  return Reflect.apply(String.fromCharCode, null, units);
}
