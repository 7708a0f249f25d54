import { assert } from '../base/assert.ts';
import { limits } from '../base/limits.ts';
import type { AppliedRequest, KeyVote } from '../causality/record.ts';
import { compareBallots } from '../paxos/ballot.ts';
import { readBallot, writeBallot } from './ballot.ts';
import { readDot, writeDot } from './clock.ts';
import { readList, writeList } from './field.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

/** Writes the vote that stands beside a record. */
export function writeVote(writer: ByteWriter, { promised, accepted, recent, settled }: KeyVote): void {
  assert(
    promised.round > 0 && compareBallots(accepted, promised) <= 0,
    'what was accepted was promised as well',
  );
  writeBallot(writer, promised);
  writeBallot(writer, accepted);
  writeList(writer, recent, writeApplied);
  writer.varint(settled);
}

/** Reads a vote; what no replica can have bound itself to fails the reader. */
export function readVote(reader: ByteReader): KeyVote {
  const promised = readBallot(reader);
  const accepted = readBallot(reader);
  const recent = readList(reader, readApplied);
  const settled = reader.varint();
  const isOne = promised.round > 0 && compareBallots(accepted, promised) <= 0;
  // Of plain writes nothing was accepted, so there is no ballot and nothing to remember: one record, one byte string.
  const isPlain = accepted.round === 0 && (accepted.actor !== '' || recent.length > 0);
  const fits = recent.length <= limits.recentRequestsMax && settled <= recent.length;
  if (!isOne || isPlain || !fits) reader.fail('malformed');
  return { promised, accepted, recent, settled };
}

/** Writes a request and the dot it was applied under. */
function writeApplied(writer: ByteWriter, { request, dot }: AppliedRequest): void {
  writer.hex64(request);
  writeDot(writer, dot);
}

/** Reads a request and the dot it was applied under. */
function readApplied(reader: ByteReader): AppliedRequest {
  return { request: reader.hex64(), dot: readDot(reader) };
}
