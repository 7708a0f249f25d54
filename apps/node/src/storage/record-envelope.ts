/**
 * What every stored row is wrapped in: one byte of format, four bytes of CRC-32C, then the payload. LevelDB neither
 * checks its tables when it reads them nor lets us ask for it, and a flipped byte comes back as data.
 *
 * The checksum covers the row's key too, so that bytes found under the wrong key are as wrong as flipped ones. It is
 * taken over the whole envelope with the CRC of the key standing where the checksum will stand.
 */
import { writeUtf8 } from '@starling/core/base/utf8.ts';
import { crc32c } from '@starling/core/codec/crc32c.ts';

/** Bytes in front of each payload. */
export const envelopeBytes = 5;

const format = 1;
const checksumAt = 1;

let keyScratch = new Uint8Array(8192);

/** The bytes to store under `row`. */
export function sealRow(row: string, payload: Uint8Array): Buffer {
  const sealed = Buffer.allocUnsafe(envelopeBytes + payload.length);
  sealed[0] = format;
  sealed.set(payload, envelopeBytes);
  writeWord(sealed, keyChecksum(row));
  writeWord(sealed, crc32c(sealed));
  return sealed;
}

/** The payload stored under `row`, a part of `sealed`, which this function may change; `corrupt` if any byte is off. */
export function openRow(row: string, sealed: Uint8Array): Uint8Array | 'corrupt' {
  if (sealed.length < envelopeBytes || sealed[0] !== format) return 'corrupt';
  const found = readWord(sealed);
  writeWord(sealed, keyChecksum(row));
  if (crc32c(sealed) !== found) return 'corrupt';
  return new Uint8Array(sealed.buffer, sealed.byteOffset + envelopeBytes, sealed.length - envelopeBytes);
}

function keyChecksum(row: string): number {
  const bytesMax = 3 * row.length;
  if (keyScratch.length < bytesMax) keyScratch = new Uint8Array(bytesMax);
  return crc32c(keyScratch, 0, writeUtf8(row, keyScratch, 0));
}

function readWord(bytes: Uint8Array): number {
  const at = checksumAt;
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

function writeWord(bytes: Uint8Array, word: number): void {
  bytes[checksumAt] = word;
  bytes[checksumAt + 1] = word >>> 8;
  bytes[checksumAt + 2] = word >>> 16;
  bytes[checksumAt + 3] = word >>> 24;
}
