/**
 * What must be known of a JSON text before a recursive parser or a schema sees it. Left alone, `JSON.parse` takes
 * 200 000 levels, keeps half of a surrogate pair, turns 1e400 into Infinity and rounds 2^53 + 1 without a word.
 */

const quote = 0x22;
const plus = 0x2b;
const minus = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const letterE = 0x65;
const letterU = 0x75;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** A number of so many characters without an exponent is held by a double whatever its digits. */
const plainNumberChars = 15;

/** The greatest double has 309 digits, so no longer integer is finite. */
const integerCharsMax = 310;

const numberProblem = 'a number is outside what a 64-bit double holds exactly; send it as a string';
const surrogateProblem = 'a string has half of a surrogate pair';

/**
 * What is wrong with `text`, or null: more than `depthMax` levels, half of a surrogate pair, or a number that a
 * double cannot hold (RFC 7493 §2.2). No syntax check: that is left to `JSON.parse`, which is safe on what passes
 * here. One pass, and no allocation where every number is short.
 */
export function jsonTextProblem(text: string, depthMax: number): string | null {
  let depth = 0;
  let at = 0;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit === quote) {
      at = stringEnd(text, at + 1);
      if (at < 0) return surrogateProblem;
    } else if (unit === minus || (unit >= zero && unit <= nine)) {
      const end = numberEnd(text, at + 1);
      if (!isHeldByDouble(text, at, end)) return numberProblem;
      at = end;
    } else {
      if (unit === openBrace || unit === openBracket) {
        if (++depth > depthMax) return `deeper than ${depthMax} levels`;
      } else if (unit === closeBrace || unit === closeBracket) depth--;
      at++;
    }
  }
  return null;
}

/** Index after the closing quote of the string that began before `at`, or −1 for half of a surrogate pair. */
function stringEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit === quote) return at + 1;
    if (unit === backslash) {
      at = escapeEnd(text, at);
      if (at < 0) return -1;
    } else if (unit >= 0xd800 && unit <= 0xdfff) {
      if (unit > 0xdbff || !isTrail(text.charCodeAt(at + 1))) return -1;
      at += 2;
    } else at++;
  }
  return at;
}

/** Index after the escape that begins at `at`, taking both halves of an escaped pair; −1 for half of one. */
function escapeEnd(text: string, at: number): number {
  if (text.charCodeAt(at + 1) !== letterU) return at + 2;
  const unit = Number.parseInt(text.slice(at + 2, at + 6), 16);
  if (!(unit >= 0xd800 && unit <= 0xdfff)) return at + 6;
  if (unit > 0xdbff || text.charCodeAt(at + 6) !== backslash || text.charCodeAt(at + 7) !== letterU)
    return -1;
  return isTrail(Number.parseInt(text.slice(at + 8, at + 12), 16)) ? at + 12 : -1;
}

function isTrail(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function numberEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    const inNumber =
      (unit >= zero && unit <= nine) || unit === dot || unit === plus || unit === minus || isExponent(unit);
    if (!inNumber) break;
    at++;
  }
  return at;
}

function isExponent(unit: number): boolean {
  return (unit | 0x20) === letterE;
}

function hasExponent(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (isExponent(text.charCodeAt(at))) return true;
  return false;
}

/**
 * A fraction stands for its nearest double, as in every JSON library. An integer must be exact, or be written as
 * JavaScript itself writes the double it means (2^60 prints as 1152921504606847000).
 */
function isHeldByDouble(text: string, from: number, to: number): boolean {
  if (to - from <= plainNumberChars && !hasExponent(text, from, to)) return true;
  const token = text.slice(from, to);
  const number = Number(token);
  if (Number.isNaN(number)) return true; // No number at all: JSON.parse will say so.
  if (!Number.isFinite(number)) return false;
  if (!/^-?\d+$/.test(token) || Number.isSafeInteger(number) || String(number) === token) return true;
  return token.length <= integerCharsMax && BigInt(token) === BigInt(number);
}
