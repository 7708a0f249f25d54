import type { ActorId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { Ballot } from '../paxos/ballot.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

/** Writes a ballot; that of round 0 has no actor. */
export function writeBallot(writer: ByteWriter, ballot: Ballot): void {
  writer.varint(ballot.round);
  writer.text(ballot.actor);
}

/** Reads a ballot. */
export function readBallot(reader: ByteReader): Ballot {
  return { round: reader.varint(), actor: reader.text(limits.actorBytesMax) as ActorId };
}
