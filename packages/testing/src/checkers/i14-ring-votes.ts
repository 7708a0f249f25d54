import type { NodeId, RingEpoch } from '@starling/core/base/ids.ts';
import { decodeRingDoc } from '@starling/core/codec/ring-doc.ts';
import type { RowWrite } from '@starling/core/node/effect.ts';
import type { Input } from '@starling/core/node/input.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import type { Accepted } from '@starling/core/paxos/acceptor.ts';
import { type Ballot, compareBallots, noBallot } from '@starling/core/paxos/ballot.ts';
import type { RingAccept, RingPromise } from '@starling/core/ring/messages.ts';
import type { RingDoc } from '@starling/core/ring/ring-doc.ts';
import { ringRow, voterRow } from '@starling/core/ring/ring-host.ts';
import { decodeVote, type Vote } from '@starling/core/ring/vote-row.ts';
import type { SimProcess } from '../sim/process.ts';
import { type Checker, ensure } from './checker.ts';
import { canonicalRing } from './i20-ring-agreement.ts';

/**
 * I14: the Paxos that chooses rings is safe ("Paxos made simple", section 2.2). What a voter agrees to is on its disk
 * when it says so, and never below what it has agreed to before, in this life or an earlier one. A ballot carries one
 * document: that of the highest ballot accepted among the promises it rests on. Observes votes as they leave.
 */
export class RingVotes implements Checker {
  readonly id = 'I14';
  /** Highest ballot each voter has told anybody it agrees to, by voter and epoch. */
  readonly #told = new Map<string, Ballot>();
  /** Highest accepted document among the promises a proposer has received, by proposer, epoch and ballot. */
  readonly #promised = new Map<string, Accepted<RingDoc>>();
  /** The document of each ballot, by epoch and ballot. */
  readonly #proposed = new Map<string, string>();

  input(process: SimProcess, input: Input): void {
    if (input.type === 'message' && input.message.kind === 'ringPromise')
      this.#notePromise(process, input.message);
  }

  sent(process: SimProcess, _to: NodeId, message: PeerMessage): void {
    switch (message.kind) {
      case 'ringPromise':
      case 'ringAccepted':
        if (compareBallots(message.promised, message.ballot) === 0)
          this.#checkAgreement(process, message.epoch, message.ballot);
        return;
      case 'ringAccept':
        return this.#checkProposal(process, message);
      default:
        return;
    }
  }

  /** A node's own promise reaches its proposer without a message; what it carries may be overwritten before it counts. */
  wrote(process: SimProcess, _seq: number, rows: readonly RowWrite[]): void {
    for (const [row, bytes] of rows) {
      const vote = row === voterRow && bytes !== null ? decodeVote(bytes) : null;
      if (vote === null || vote.state.accepted === null) continue;
      const { promised, accepted } = vote.state;
      if (compareBallots(accepted.ballot, promised) < 0) this.#heard(process, vote.epoch, promised, accepted);
    }
  }

  #notePromise(process: SimProcess, { epoch, ballot, promised, accepted }: RingPromise): void {
    if (accepted === null || compareBallots(promised, ballot) !== 0) return;
    this.#heard(process, epoch, ballot, { ballot: accepted.ballot, value: accepted.doc });
  }

  #heard(process: SimProcess, epoch: RingEpoch, ballot: Ballot, accepted: Accepted<RingDoc>): void {
    const name = `${process.nodeId} ${ballotName(epoch, ballot)}`;
    const best = this.#promised.get(name)?.ballot ?? noBallot;
    if (compareBallots(accepted.ballot, best) > 0) this.#promised.set(name, accepted);
  }

  #checkAgreement(process: SimProcess, epoch: RingEpoch, ballot: Ballot): void {
    const voter = `${process.nodeId} ${epoch}`;
    const told = this.#told.get(voter) ?? noBallot;
    const what = () => `${process.nodeId} agreed to ballot ${ballotName(epoch, ballot)}`;
    ensure(
      this.id,
      compareBallots(ballot, told) >= 0,
      () => `${what()} after ${ballotName(epoch, told)}, which is above it`,
    );
    this.#told.set(voter, ballot);
    const vote = durableVote(process, epoch);
    const kept = vote !== null && compareBallots(vote.state.promised, ballot) >= 0;
    ensure(this.id, kept || isOver(process, epoch), () => `${what()} before that was on its disk`);
  }

  #checkProposal(process: SimProcess, { epoch, ballot, doc }: RingAccept): void {
    const name = ballotName(epoch, ballot);
    const text = canonicalRing(doc);
    const first = this.#proposed.get(name) ?? text;
    ensure(this.id, first === text, () => `${process.nodeId} proposed two documents under ballot ${name}`);
    this.#proposed.set(name, text);
    const heard = this.#promised.get(`${process.nodeId} ${name}`) ?? null;
    const own = durableVote(process, epoch)?.state.accepted ?? null;
    for (const accepted of [heard, own]) {
      if (accepted === null || compareBallots(accepted.ballot, ballot) >= 0) continue;
      const newest = [heard, own].every(
        (other) =>
          other === null ||
          compareBallots(other.ballot, ballot) >= 0 ||
          compareBallots(other.ballot, accepted.ballot) <= 0,
      );
      ensure(
        this.id,
        !newest || canonicalRing(accepted.value) === text,
        () => `${process.nodeId} proposed its own document under ${name} over an accepted one`,
      );
    }
  }
}

function durableVote(process: SimProcess, epoch: RingEpoch): Vote | null {
  const bytes = process.disk.durable(voterRow);
  const vote = bytes === null ? null : decodeVote(bytes);
  return vote?.epoch === epoch ? vote : null;
}

/** The voter's disk already holds the ring of that epoch: its votes on it are of no more use. */
function isOver(process: SimProcess, epoch: RingEpoch): boolean {
  const bytes = process.disk.durable(ringRow);
  const doc = bytes === null ? null : decodeRingDoc(bytes);
  return doc !== null && doc.epoch >= epoch;
}

function ballotName(epoch: RingEpoch, { round, actor }: Ballot): string {
  return `${round} ${actor} of epoch ${epoch}`;
}
