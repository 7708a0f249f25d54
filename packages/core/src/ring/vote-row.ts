import type { ActorId, RingEpoch } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { ByteReader } from '../codec/reader.ts';
import { readRingDoc, writeRingDoc } from '../codec/ring-doc.ts';
import { ByteWriter } from '../codec/writer.ts';
import type { AcceptorState } from '../paxos/acceptor.ts';
import type { Ballot } from '../paxos/ballot.ts';
import type { RingDoc } from './ring-doc.ts';

/** A voter's memory as it is stored. */
export interface Vote {
  /** The epoch voted on. */
  readonly epoch: RingEpoch;
  readonly state: AcceptorState<RingDoc>;
  /** Lowest epoch the node may vote on. */
  readonly votesFrom: RingEpoch;
}

export function encodeVote({ epoch, state, votesFrom }: Vote): Uint8Array {
  const writer = new ByteWriter();
  writer.varint(epoch);
  writer.varint(votesFrom);
  writeBallot(writer, state.promised);
  writer.flag(state.accepted !== null);
  if (state.accepted !== null) {
    writeBallot(writer, state.accepted.ballot);
    writeRingDoc(writer, state.accepted.value);
  }
  return writer.finish();
}

/** The vote whose bytes these are, or null. */
export function decodeVote(bytes: Uint8Array): Vote | null {
  const reader = new ByteReader(bytes);
  const epoch = reader.varint();
  const votesFrom = reader.varint();
  const promised = readBallot(reader);
  const accepted = reader.flag() ? { ballot: readBallot(reader), value: readRingDoc(reader) } : null;
  return reader.complete() ? { epoch, votesFrom, state: { promised, accepted } } : null;
}

function writeBallot(writer: ByteWriter, ballot: Ballot): void {
  writer.varint(ballot.round);
  writer.text(ballot.actor);
}

function readBallot(reader: ByteReader): Ballot {
  // Whatever text was written as an actor is one: only this node writes the row.
  return { round: reader.varint(), actor: reader.text(limits.actorBytesMax) as ActorId };
}
