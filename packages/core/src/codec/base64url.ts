/**
 * Bytes as text that needs no escaping in URLs, headers and JSON: base64url without padding (RFC 4648, §5). Strict:
 * each byte string has one text, so unused bits must be zero (§3.5).
 */
import { utf8Text } from '../base/utf8.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const unitOf: Uint8Array = Uint8Array.from(alphabet, (character) => character.charCodeAt(0));
const none = 0xff;
const sextetOf: Uint8Array = new Uint8Array(128).fill(none);
for (let i = 0; i < 64; i++) sextetOf[unitOf[i]!] = i;

/** Taken by texts of ordinary length; nothing in it outlives a call, which never yields. */
const scratch = new Uint8Array(1024);

/** The text of `bytes`: four characters for three bytes. */
export function toBase64url(bytes: Uint8Array): string {
  const length = Math.ceil((bytes.length * 4) / 3);
  const units = length <= scratch.length ? scratch : new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = (bytes[i]! << 16) | (left > 1 ? bytes[i + 1]! << 8 : 0) | (left > 2 ? bytes[i + 2]! : 0);
    units[at++] = unitOf[group >> 18]!;
    units[at++] = unitOf[(group >> 12) & 63]!;
    if (left > 1) units[at++] = unitOf[(group >> 6) & 63]!;
    if (left > 2) units[at++] = unitOf[group & 63]!;
  }
  return utf8Text(units, 0, length) ?? '';
}

/** The bytes whose text this is, or null if it is that of none. */
export function fromBase64url(text: string): Uint8Array | null {
  const rest = text.length % 4;
  if (rest === 1) return null;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let at = 0;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const sextet = unit < 128 ? sextetOf[unit]! : none;
    if (sextet === none) return null;
    held = ((held << 6) | sextet) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = held >> bits;
  }
  return (held & ((1 << bits) - 1)) === 0 ? bytes : null;
}
