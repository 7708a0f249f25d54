import type { NodeId } from '../base/ids.ts';
import type { Accepted } from './acceptor.ts';
import { type Ballot, compareBallots } from './ballot.ts';

/** What to do after an answer: send accepts of `value`, take `value` as chosen, or nothing yet. */
export type ProposerStep<Value> =
  | { readonly type: 'accept'; readonly value: Value }
  | { readonly type: 'chosen'; readonly value: Value }
  | { readonly type: 'wait' };

const wait: ProposerStep<never> = { type: 'wait' };

/**
 * One ballot of single-decree Paxos. It proposes its own value only if no promise of its majority carries an accepted
 * one: such a value may already be chosen. A voter counts once in each phase, whatever it sends.
 */
export class Proposer<Value> {
  readonly ballot: Ballot;
  readonly #voters: readonly NodeId[];
  readonly #promises = new Set<NodeId>();
  readonly #accepts = new Set<NodeId>();
  #best: Accepted<Value> | null = null;
  #value: Value;
  #phase: 'prepare' | 'accept' | 'chosen' = 'prepare';
  #refusedBy: Ballot | null = null;

  constructor(ballot: Ballot, voters: readonly NodeId[], value: Value) {
    this.ballot = ballot;
    this.#voters = voters;
    this.#value = value;
  }

  /** The highest ballot that refused this one, if any: the next attempt must be above it. */
  get refusedBy(): Ballot | null {
    return this.#refusedBy;
  }

  /** A voter answered the prepare of `ballot`; `promised` is the highest ballot it has promised. */
  promise(
    voter: NodeId,
    ballot: Ballot,
    promised: Ballot,
    accepted: Accepted<Value> | null,
  ): ProposerStep<Value> {
    if (this.#phase !== 'prepare' || !this.#counts(voter, ballot, promised)) return wait;
    this.#promises.add(voter);
    if (
      accepted !== null &&
      (this.#best === null || compareBallots(accepted.ballot, this.#best.ballot) > 0)
    ) {
      this.#best = accepted;
    }
    if (!this.#isMajority(this.#promises)) return wait;
    this.#phase = 'accept';
    if (this.#best !== null) this.#value = this.#best.value;
    return { type: 'accept', value: this.#value };
  }

  /** A voter answered the accept of `ballot`. */
  accepted(voter: NodeId, ballot: Ballot, promised: Ballot): ProposerStep<Value> {
    if (this.#phase !== 'accept' || !this.#counts(voter, ballot, promised)) return wait;
    this.#accepts.add(voter);
    if (!this.#isMajority(this.#accepts)) return wait;
    this.#phase = 'chosen';
    return { type: 'chosen', value: this.#value };
  }

  /** Whether this is an agreement to our ballot by a voter; notes who is ahead of us if it is a refusal. */
  #counts(voter: NodeId, ballot: Ballot, promised: Ballot): boolean {
    if (!this.#voters.includes(voter) || compareBallots(ballot, this.ballot) !== 0) return false;
    if (compareBallots(promised, this.ballot) === 0) return true;
    if (this.#refusedBy === null || compareBallots(promised, this.#refusedBy) > 0) this.#refusedBy = promised;
    return false;
  }

  #isMajority(nodes: ReadonlySet<NodeId>): boolean {
    return nodes.size > this.#voters.length / 2;
  }
}
