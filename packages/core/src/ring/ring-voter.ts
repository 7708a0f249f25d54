import type { NodeId, RingEpoch } from '../base/ids.ts';
import type { ReadRow } from '../node/input.ts';
import { type AcceptorState, accept, freshAcceptor, prepare } from '../paxos/acceptor.ts';
import type { RingAccept, RingMessage, RingPrepare } from './messages.ts';
import type { RingDoc } from './ring-doc.ts';
import { type RingHost, voterRow } from './ring-host.ts';
import { decodeVote, encodeVote } from './vote-row.ts';

/** The epoch that never comes: a voter that votes from here on votes no more. */
const never: RingEpoch = Number.MAX_SAFE_INTEGER;

/**
 * This node's vote on the ring of one epoch: a Paxos acceptor whose state is on disk before any agreement leaves. It is
 * asked only about the epoch after the ring in force, and that ring is on disk too, so what the disk holds is never more
 * than one epoch ahead of the ring beside it.
 */
export class RingVoter {
  readonly #host: RingHost;
  readonly #send: (to: NodeId, message: RingMessage) => void;
  #epoch: RingEpoch = 0;
  #state: AcceptorState<RingDoc> = freshAcceptor;
  /** Lowest epoch this node may vote on: it may have voted on those below and does not know how. */
  #votesFrom: RingEpoch = 0;

  constructor(host: RingHost, send: (to: NodeId, message: RingMessage) => void) {
    this.#host = host;
    this.#send = send;
  }

  /**
   * Takes over the votes of an earlier life. `ringEpoch` is that of the ring on disk: 0 if there is none, null if its row
   * is damaged. A vote that cannot be read may have been given, so this node abstains from every epoch it may concern:
   * voting again could have two rings chosen for one epoch.
   */
  restore(row: ReadRow, ringEpoch: RingEpoch | null): void {
    const vote = row instanceof Uint8Array ? decodeVote(row) : null;
    if (vote !== null) {
      this.#epoch = vote.epoch;
      this.#state = vote.state;
      // Without the ring, epochs before the one voted on look open again, while they are long decided.
      this.#votesFrom = ringEpoch === null ? Math.max(vote.votesFrom, vote.epoch) : vote.votesFrom;
    } else if (row !== null) {
      this.#votesFrom = ringEpoch === null || ringEpoch === 0 ? never : ringEpoch + 2;
    } else if (ringEpoch === null) this.#votesFrom = never;
  }

  /** Whether this node's votes on that epoch, if it gave any, are all known to it. */
  mayVoteOn(epoch: RingEpoch): boolean {
    return epoch >= this.#votesFrom;
  }

  /** Round of the highest ballot promised for that epoch. */
  promisedRound(epoch: RingEpoch): number {
    return this.#stateFor(epoch).promised.round;
  }

  /** The document last accepted for that epoch, which may or may not have been chosen. */
  acceptedFor(epoch: RingEpoch): RingDoc | null {
    return this.#stateFor(epoch).accepted?.value ?? null;
  }

  /** The row to store beside a ring newly in force: votes up to its epoch are of no more use. */
  rowUnder(ringEpoch: RingEpoch): Uint8Array | null {
    if (this.#votesFrom <= ringEpoch + 1) return null;
    return encodeVote({ epoch: 0, state: freshAcceptor, votesFrom: this.#votesFrom });
  }

  prepare(from: NodeId, { epoch, ballot }: RingPrepare): void {
    const after = prepare(this.#stateFor(epoch), ballot);
    const { promised, accepted } = after;
    this.#answer(from, epoch, after, {
      kind: 'ringPromise',
      epoch,
      ballot,
      promised,
      accepted: accepted === null ? null : { ballot: accepted.ballot, doc: accepted.value },
    });
  }

  accept(from: NodeId, { epoch, ballot, doc }: RingAccept): void {
    const after = accept(this.#stateFor(epoch), ballot, doc);
    this.#answer(from, epoch, after, { kind: 'ringAccepted', epoch, ballot, promised: after.promised });
  }

  /** A refusal binds nobody and goes out at once; an agreement waits until it cannot be forgotten. */
  #answer(to: NodeId, epoch: RingEpoch, after: AcceptorState<RingDoc>, reply: RingMessage): void {
    if (after === this.#stateFor(epoch)) return this.#send(to, reply);
    this.#epoch = epoch;
    this.#state = after;
    const row = encodeVote({ epoch, state: after, votesFrom: this.#votesFrom });
    this.#host.persist([[voterRow, row]], () => this.#send(to, reply));
  }

  #stateFor(epoch: RingEpoch): AcceptorState<RingDoc> {
    return epoch === this.#epoch ? this.#state : freshAcceptor;
  }
}
