/**
 * What a client carries between a read and a write: a context token, opaque to it, and an entity tag.
 *
 * A token is base64url over: version, highest HLC seen, version vector, and a SipHash-2-4 tag of these and of the
 * key's hash under a secret of the cluster. The tag makes a token fit one key of one cluster only, and keeps clients
 * from covering writes that nobody has made yet: such a context would later swallow them unseen.
 */

import { limits } from '../base/limits.ts';
import { utf8Bytes } from '../base/utf8.ts';
import { fromBase64url, toBase64url } from '../codec/base64url.ts';
import { readContext, writeClock, writeContext, writeDot } from '../codec/clock.ts';
import { ByteReader } from '../codec/reader.ts';
import { ByteWriter } from '../codec/writer.ts';
import type { CausalContext } from '../coordinator/request.ts';
import type { KeyRef } from '../ring/key.ts';
import { sha256 } from '../ring/sha256.ts';
import { type SipKey, sipHash, sipKey, sipTagHex } from '../ring/siphash.ts';
import type { StoredRecord } from './record.ts';

const version = 1;
const hashBytes = 8;
const tagBytes = 8;

/** Filled and emptied within one call. */
const scratch = new ByteWriter(1024);

/** The key under which a cluster tags its tokens; both parts are the same on every node of it. */
export function contextSecret(clusterId: string, clusterSecret: string): SipKey {
  const writer = new ByteWriter();
  writer.text('starling context token');
  writer.text(clusterId);
  writer.text(clusterSecret);
  return sipKey(sha256(writer.view()).subarray(0, 16));
}

/** The token of a context of one key. */
export function encodeContext(context: CausalContext, ref: KeyRef, secret: SipKey): string {
  const writer = scratch.clear();
  writer.hex64(ref.hash);
  writer.u8(version);
  writeContext(writer, context);
  const tag = sipHash(secret, writer.view());
  writer.u32(tag.low);
  writer.u32(tag.high);
  return toBase64url(writer.view(hashBytes));
}

/**
 * The context in a token. `malformed`: it is no token of this version, or over a bound. `wrong`: it is one, but of
 * another key or cluster, or altered. Nothing of a token is believed before its tag.
 */
export function decodeContext(
  token: string,
  ref: KeyRef,
  secret: SipKey,
): CausalContext | 'malformed' | 'wrong' {
  if (token.length > limits.contextCharsMax) return 'malformed';
  const bytes = fromBase64url(token);
  if (bytes === null || bytes.length <= tagBytes || bytes[0] !== version) return 'malformed';
  const end = bytes.length - tagBytes;
  if (!hasTag(bytes, end, ref, secret)) return 'wrong';
  const reader = new ByteReader(bytes, 1, end);
  const context = readContext(reader);
  return reader.complete() && context.clock.length <= limits.contextActorsMax ? context : 'malformed';
}

function hasTag(bytes: Uint8Array, end: number, ref: KeyRef, secret: SipKey): boolean {
  const writer = scratch.clear();
  writer.hex64(ref.hash);
  writer.raw(bytes.subarray(0, end));
  const expected = sipHash(secret, writer.view());
  const reader = new ByteReader(bytes, end);
  // Both halves are always compared, so the time taken tells nothing of the tag.
  return ((reader.u32() ^ expected.low) | (reader.u32() ^ expected.high)) === 0;
}

/** Any fixed key does: an entity tag tells versions apart, it proves nothing. */
const etagKey = sipKey(utf8Bytes('starling etag 01'));

/**
 * The strong entity tag (RFC 9110, §8.8.3) of a record of a key, quotes included. It follows from what has been seen
 * and which writes are there, so it changes with every write and is the same on every replica.
 */
export function etagOf(ref: KeyRef, record: StoredRecord): string {
  const writer = scratch.clear();
  writer.hex64(ref.hash);
  writeClock(writer, record.clock);
  for (const sibling of record.siblings) writeDot(writer, sibling.dot);
  return `"${sipTagHex(sipHash(etagKey, writer.view()))}"`;
}
