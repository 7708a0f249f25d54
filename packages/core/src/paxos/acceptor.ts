import { type Ballot, compareBallots, noBallot } from './ballot.ts';

/** A value some ballot has been accepted with. */
export interface Accepted<Value> {
  readonly ballot: Ballot;
  readonly value: Value;
}

/** All an acceptor must remember. It is lost only with the acceptor: what it says binds it for ever. */
export interface AcceptorState<Value> {
  readonly promised: Ballot;
  readonly accepted: Accepted<Value> | null;
}

export const freshAcceptor: AcceptorState<never> = { promised: noBallot, accepted: null };

/**
 * Phase 1b of single-decree Paxos (Lamport, "Paxos made simple", §2.2): the state after a prepare of `ballot`. The very
 * same state means the prepare is refused. A new state must be durable before the promise leaves. A repeated prepare
 * of the promised ballot is promised again, since the first answer may have been lost.
 */
export function prepare<Value>(state: AcceptorState<Value>, ballot: Ballot): AcceptorState<Value> {
  return compareBallots(ballot, state.promised) < 0 ? state : { promised: ballot, accepted: state.accepted };
}

/** Phase 2b: the state after an accept of `value` under `ballot`. Refusals and durability are as for `prepare`. */
export function accept<Value>(
  state: AcceptorState<Value>,
  ballot: Ballot,
  value: Value,
): AcceptorState<Value> {
  return compareBallots(ballot, state.promised) < 0
    ? state
    : { promised: ballot, accepted: { ballot, value } };
}
