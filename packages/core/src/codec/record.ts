/**
 * The canonical bytes of a record: one record, one byte string. Replicas compare records by these bytes and their
 * digest, so whatever is not exactly what `encodeRecord` writes is refused.
 *
 * | part | content |
 * |---|---|
 * | format | one byte: 1 for a record without a vote, 2 for one with a vote |
 * | clock | count; for each entry in ascending order of actor: actor, counter |
 * | siblings | count; for each in canonical order: index of its actor in the clock, counter, HLC, marks, and what the marks announce: expiry (f64), request (8 bytes), value (length and bytes) |
 * | vote | in format 2 only: ballot promised, ballot accepted (round and actor each), count of recent requests; for each tag (8 bytes), actor, counter; how many of them are settled |
 */
import { assert } from '../base/assert.ts';
import type { ActorId, Hlc } from '../base/ids.ts';
import type { Dot, Sibling, StoredRecord, VersionVector } from '../causality/record.ts';
import { sha256Hex64 } from '../ring/sha256.ts';
import { readClock, writeClock } from './clock.ts';
import { HeldRecord } from './held-record.ts';
import { readVote, writeVote } from './key-vote.ts';
import { ByteReader } from './reader.ts';
import { compareSiblings } from './sibling-order.ts';
import { ByteWriter } from './writer.ts';

const plainFormat = 1;
const votedFormat = 2;

/** Marks of a sibling. */
const hasValue = 1;
const isScoped = 2;
const hasExpiry = 4;
const hasRequest = 8;
const allMarks = hasValue | isScoped | hasExpiry | hasRequest;

/** Index, counter, HLC and marks take a byte each at least. */
const siblingBytesMin = 4;

/** Filled and emptied within one call. */
const scratch = new ByteWriter(4096);

/** The canonical bytes of `record`, worked out once for each record. The caller must not change them. */
export function encodeRecord(record: StoredRecord): Uint8Array {
  return record instanceof HeldRecord ? record.bytes(encode) : encode(record);
}

/** The first 64 bits of SHA-256 over the canonical bytes, as 16 hexadecimal digits; worked out once for each record. */
export function recordDigest(record: StoredRecord): string {
  return record instanceof HeldRecord ? record.digest(digest) : digest(record);
}

/**
 * The record whose canonical bytes these are, or null if they are those of none. The record keeps `bytes` and may
 * share memory with them, so they must be the caller's to give away and must not change.
 */
export function decodeRecord(bytes: Uint8Array): StoredRecord | null {
  const reader = new ByteReader(bytes);
  const format = reader.u8();
  if (format !== plainFormat && format !== votedFormat) reader.fail('malformed');
  const clock = readClock(reader);
  const count = reader.count(siblingBytesMin);
  const siblings: Sibling[] = [];
  for (let i = 0; i < count && reader.failure === null; i++) {
    const sibling = readSibling(reader, clock, count === 1);
    if (i > 0 && compareSiblings(siblings[i - 1]!, sibling) >= 0) reader.fail('malformed');
    siblings.push(sibling);
  }
  if (count > 1 && !haveOwnDots(siblings)) reader.fail('malformed');
  const vote = format === votedFormat ? readVote(reader) : null;
  return reader.complete() ? new HeldRecord(clock, siblings, bytes, vote) : null;
}

function digest(record: StoredRecord): string {
  return sha256Hex64(encodeRecord(record));
}

function encode(record: StoredRecord): Uint8Array {
  const writer = scratch.clear();
  writer.u8(record.vote === null ? plainFormat : votedFormat);
  writeClock(writer, record.clock);
  writer.varint(record.siblings.length);
  for (const sibling of record.siblings) writeSibling(writer, record.clock, sibling);
  if (record.vote !== null) writeVote(writer, record.vote);
  return writer.finish();
}

function writeSibling(writer: ByteWriter, clock: VersionVector, sibling: Sibling): void {
  const { dot, value, expiresAt, request, scoped } = sibling;
  let index = clock.length - 1;
  while (index >= 0 && clock[index]!.actor !== dot.actor) index--;
  assert(index >= 0 && clock[index]!.counter >= dot.counter, 'the clock of a record covers its siblings');
  assert(
    value === null ? expiresAt === 0 : !scoped && expiresAt >= 0,
    'only values expire, only tombstones are scoped',
  );
  writer.varint(index);
  writer.varint(dot.counter);
  writer.varint(sibling.hlc);
  const marks = (value === null ? 0 : hasValue) | (scoped ? isScoped : 0) | (expiresAt === 0 ? 0 : hasExpiry);
  writer.u8(marks | (request === '' ? 0 : hasRequest));
  if (expiresAt !== 0) writer.f64(expiresAt);
  if (request !== '') writer.hex64(request);
  if (value !== null) writer.bytes(value);
}

/** A single value may be a window on the record's bytes: they are its own anyway. Several would hold each other's. */
function readSibling(reader: ByteReader, clock: VersionVector, isOnly: boolean): Sibling {
  const entry = clock[reader.varint()];
  const counter = reader.varint();
  const hlc = reader.varint() as Hlc;
  const marks = reader.u8();
  const expiresAt = marks & hasExpiry ? reader.f64() : 0;
  const request = marks & hasRequest ? reader.hex64() : '';
  const value = (marks & hasValue) === 0 ? null : isOnly ? reader.view() : reader.bytes();
  const scoped = (marks & isScoped) !== 0;
  const covered = entry !== undefined && counter >= 1 && counter <= entry.counter;
  const expiryFits =
    (marks & hasExpiry) === 0 || (value !== null && expiresAt > 0 && expiresAt < Number.POSITIVE_INFINITY);
  if (!covered || marks > allMarks || (scoped && value !== null) || !expiryFits) reader.fail('malformed');
  const dot: Dot = { actor: entry?.actor ?? ('' as ActorId), counter };
  return { dot, hlc, value, scoped, expiresAt, request };
}

function haveOwnDots(siblings: readonly Sibling[]): boolean {
  return new Set(siblings.map(({ dot }) => `${dot.actor}:${dot.counter}`)).size === siblings.length;
}
