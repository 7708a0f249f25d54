import { assert } from '../base/assert.ts';
import type { Bucket } from '../base/ids.ts';
import { writeUtf8 } from '../base/utf8.ts';
import { sha256Hex64 } from './sha256.ts';

/**
 * A key's full address. It is computed once at the edge and travels with the request,
 * because hashing is the costliest thing done to a short key.
 */
export interface KeyRef {
  readonly table: string;
  readonly key: string;
  /** First 64 bits of SHA-256 over the length-prefixed table and key, as 16 lower-case hex digits. */
  readonly hash: string;
  /** The top 16 bits of `hash`. */
  readonly bucket: Bucket;
  /** Storage row of the key's record, `d/hash/table/key`; also the key's identity in every map of the core. */
  readonly row: string;
}

/** The hash's input: each length as two bytes, most significant first, then the UTF-8 bytes it counts. */
const lengthBytes = 2;
const lengthMax = 0xffff;

/** Input of one hash; nothing in it outlives a call, which never yields. */
const scratch = new Uint8Array(2 * (lengthBytes + lengthMax));

/**
 * The address of `key` in `table`, both well-formed text, the table without a slash. The lengths are part of what is
 * hashed, so ("a:b", "c") and ("a", "b:c") are two keys.
 */
export function keyRef(table: string, key: string): KeyRef {
  const end = writePrefixed(key, writePrefixed(table, 0));
  return keyRefFromHash(table, key, sha256Hex64(scratch, end));
}

/** The address of a key whose hash is known, as on a message from a peer that computed it. */
export function keyRefFromHash(table: string, key: string, hash: string): KeyRef {
  return {
    table,
    key,
    hash,
    bucket: Number.parseInt(hash.slice(0, 4), 16),
    row: `d/${hash}/${table}/${key}`,
  };
}

const rowPattern = /^d\/([0-9a-f]{16})\/([^/]+)\/(.+)$/s;

/** The address a data row was written for, or null if it is no data row or its hash is not that of its key. */
export function keyRefOfRow(row: string): KeyRef | null {
  const match = rowPattern.exec(row);
  if (match === null) return null;
  const ref = keyRef(match[2]!, match[3]!);
  return ref.hash === match[1] ? ref : null;
}

const indexRowPattern = /^[kc]\/([^/]+)\/(.+)$/s;

/** The address of the key that a row of the listing names, or one of the conflicts; null if it is no such row. */
export function keyRefOfIndexRow(row: string): KeyRef | null {
  const match = indexRowPattern.exec(row);
  return match === null ? null : keyRef(match[1]!, match[2]!);
}

function writePrefixed(text: string, at: number): number {
  const end = writeUtf8(text, scratch, at + lengthBytes);
  const length = end - at - lengthBytes;
  assert(length <= lengthMax, 'a table and a key fit their length prefixes');
  scratch[at] = length >>> 8;
  scratch[at + 1] = length;
  return end;
}
