import { equalBytes } from '@starling/core/base/bytes.ts';
import type { NodeId } from '@starling/core/base/ids.ts';
import { encodeRecord } from '@starling/core/codec/record.ts';
import type { Input } from '@starling/core/node/input.ts';
import type { AcceptCall, AcceptReply, PeerMessage, PrepareReply } from '@starling/core/node/messages.ts';
import { type Ballot, compareBallots } from '@starling/core/paxos/ballot.ts';
import { acceptedBallot, promisedBallot } from '@starling/core/paxos/key-acceptor.ts';
import { type Applied, durableRecord } from '../ghost/causal-ghost.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';
import { ReplicaCalls } from './replica-calls.ts';

/**
 * I14, for single keys: the Paxos that agrees on their values is safe. What a replica promises or accepts is on its disk
 * when it says so, neither is ever lowered, in this life or a later one, and a ballot carries one value. Observes votes
 * as they leave, against the disks, and each applied record against the one before it.
 */
export class KeyVotes implements Checker {
  readonly id = 'I14';
  readonly #context: CheckContext;
  readonly #calls = new ReplicaCalls();
  /** The value of each ballot, by row and ballot. */
  readonly #proposed = new Map<string, Uint8Array>();
  /** A disk that loses what it had loses promises too. */
  readonly #damage: boolean;

  constructor(context: CheckContext) {
    this.#context = context;
    const { faults } = context.world.options;
    this.#damage = [faults['disk.corruptRow'], faults['disk.loseHistory'], faults['disk.wipe']].some(
      (count) => (count ?? 0) > 0,
    );
  }

  booted(process: SimProcess): void {
    this.#calls.booted(process);
  }

  input(process: SimProcess, input: Input): void {
    this.#calls.input(process, input);
  }

  applied({ process, row, before, after }: Applied): void {
    if (before === null || before.vote === null || this.#damage) return;
    const { promised, accepted } = before.vote;
    const keeps =
      compareBallots(promisedBallot(after), promised) >= 0 &&
      compareBallots(acceptedBallot(after), accepted) >= 0;
    ensure(this.id, keeps, () => `${process.nodeId} went back on its vote for ${row}`);
  }

  sent(process: SimProcess, to: NodeId, message: PeerMessage): void {
    if (message.kind === 'accept') return this.#checkProposal(process, message);
    if (message.kind === 'prepareReply' || message.kind === 'acceptReply')
      this.#checkVote(process, to, message);
  }

  #checkVote(process: SimProcess, to: NodeId, message: PrepareReply | AcceptReply): void {
    const call = this.#calls.take(process, to, message.rpc);
    if (call === null || call.kind === 'pull' || message.result !== 'ok' || this.#damage) return;
    const { row, bucket } = call.ref;
    const ballot = call.kind === 'accept' ? acceptedBallot(call.record) : message.promised;
    const what = () => `${process.nodeId} agreed to ballot ${ballotName(row, ballot)}`;
    const record = durableRecord(process, row);
    const kept =
      record !== null &&
      compareBallots(promisedBallot(record), ballot) >= 0 &&
      (call.kind === 'prepare' || compareBallots(acceptedBallot(record), ballot) >= 0);
    // A former owner may have dropped the record between the question and the answer.
    const owner = process.machine?.ring()?.isReplica(process.nodeId, bucket) ?? true;
    ensure(this.id, kept || !owner, () => `${what()} before that was on its disk`);
  }

  #checkProposal(process: SimProcess, { ref, record }: AcceptCall): void {
    const name = ballotName(ref.row, acceptedBallot(record));
    const bytes = encodeRecord(record);
    const first = this.#proposed.get(name) ?? bytes;
    ensure(
      this.id,
      equalBytes(first, bytes),
      () => `${process.nodeId} proposed two values under ballot ${name}`,
    );
    this.#proposed.set(name, bytes);
    if (record.vote !== null && record.vote.recent.length > 0)
      this.#context.markers.reach('request carried until it is chosen');
  }
}

function ballotName(row: string, { round, actor }: Ballot): string {
  return `${round} ${actor} of ${row}`;
}
