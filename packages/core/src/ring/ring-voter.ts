import type { ActorId, NodeId, RingEpoch } from '../base/ids.ts';
import { ByteReader } from '../codec/reader.ts';
import { readRingDoc, writeRingDoc } from '../codec/ring-doc.ts';
import { ByteWriter } from '../codec/writer.ts';
import type { ReadRow } from '../node/input.ts';
import { type AcceptorState, accept, freshAcceptor, prepare } from '../paxos/acceptor.ts';
import type { Ballot } from '../paxos/ballot.ts';
import type { RingAccept, RingMessage, RingPrepare } from './messages.ts';
import type { RingDoc } from './ring-doc.ts';
import { type RingHost, voterRow } from './ring-host.ts';

const actorBytesMax = 200;

/**
 * This node's vote on the ring of one epoch: a Paxos acceptor whose state is on disk before any answer leaves. It votes
 * on the epoch after the ring in force and on no other; once that ring is in force the state is of no more use.
 */
export class RingVoter {
  readonly #host: RingHost;
  #epoch: RingEpoch = 0;
  #state: AcceptorState<RingDoc> = freshAcceptor;

  constructor(host: RingHost) {
    this.#host = host;
  }

  /** Takes over what an earlier life had promised. A damaged row makes the history one with a hole, which is not our matter. */
  restore(row: ReadRow | undefined): void {
    const known = row instanceof Uint8Array ? decode(row) : null;
    if (known === null) return;
    this.#epoch = known.epoch;
    this.#state = known.state;
  }

  prepare(from: NodeId, { epoch, ballot }: RingPrepare): void {
    const before = this.#stateFor(epoch);
    const after = prepare(before, ballot);
    const { promised, accepted } = after;
    const reply: RingMessage = {
      kind: 'ringPromise',
      epoch,
      ballot,
      promised,
      accepted: accepted === null ? null : { ballot: accepted.ballot, doc: accepted.value },
    };
    this.#answer(from, epoch, before, after, reply);
  }

  accept(from: NodeId, { epoch, ballot, doc }: RingAccept): void {
    const before = this.#stateFor(epoch);
    const after = accept(before, ballot, doc);
    this.#answer(from, epoch, before, after, {
      kind: 'ringAccepted',
      epoch,
      ballot,
      promised: after.promised,
    });
  }

  /** A refusal binds nobody and goes out at once; an agreement waits until it cannot be forgotten. */
  #answer(
    to: NodeId,
    epoch: RingEpoch,
    before: AcceptorState<RingDoc>,
    after: AcceptorState<RingDoc>,
    reply: RingMessage,
  ): void {
    if (after === before) return this.#host.send(to, reply);
    this.#epoch = epoch;
    this.#state = after;
    this.#host.persist([[voterRow, encode(epoch, after)]], () => this.#host.send(to, reply));
  }

  #stateFor(epoch: RingEpoch): AcceptorState<RingDoc> {
    return epoch === this.#epoch ? this.#state : freshAcceptor;
  }
}

function encode(epoch: RingEpoch, { promised, accepted }: AcceptorState<RingDoc>): Uint8Array {
  const writer = new ByteWriter();
  writer.varint(epoch);
  writeBallot(writer, promised);
  writer.flag(accepted !== null);
  if (accepted !== null) {
    writeBallot(writer, accepted.ballot);
    writeRingDoc(writer, accepted.value);
  }
  return writer.finish();
}

function decode(
  row: Uint8Array,
): { readonly epoch: RingEpoch; readonly state: AcceptorState<RingDoc> } | null {
  const reader = new ByteReader(row);
  const epoch = reader.varint();
  const promised = readBallot(reader);
  const accepted = reader.flag() ? { ballot: readBallot(reader), value: readRingDoc(reader) } : null;
  return reader.complete() ? { epoch, state: { promised, accepted } } : null;
}

function writeBallot(writer: ByteWriter, ballot: Ballot): void {
  writer.varint(ballot.round);
  writer.text(ballot.actor);
}

function readBallot(reader: ByteReader): Ballot {
  return { round: reader.varint(), actor: reader.text(actorBytesMax) as ActorId };
}
