/**
 * One replica's part in the Paxos of one key. Its state is the record itself: the promise and the ballot of what was
 * accepted stand beside the value in `StoredRecord.vote`. Plain writes and Paxos share the record by the rules of Gryff
 * (Burke, Cheng, Lloyd, NSDI 2020), in the form that `docs/decisions/0100` gives them.
 */
import { isAccepted, mergeRecords, withVote } from '../causality/dvv-set.ts';
import type { KeyVote, StoredRecord } from '../causality/record.ts';
import { descends } from '../causality/version-vector.ts';
import { type Ballot, compareBallots, noBallot } from './ballot.ts';

/** The highest ballot promised for the key; of round 0 if there is none. */
export function promisedBallot(record: StoredRecord): Ballot {
  return record.vote?.promised ?? noBallot;
}

/** The ballot under which the record was accepted; of round 0 for a record of plain writes. */
export function acceptedBallot(record: StoredRecord): Ballot {
  return record.vote?.accepted ?? noBallot;
}

/** Whether both were accepted under one ballot, so that they are one value, or neither was accepted. */
export function sameBallot(a: StoredRecord, b: StoredRecord): boolean {
  return compareBallots(acceptedBallot(a), acceptedBallot(b)) === 0;
}

/**
 * Phase 1b: the record once `ballot` is promised; the very same record means that a higher one was. A promise counts
 * only when it is durable. The same ballot is promised again, since its first answer may have been lost.
 */
export function promiseKey(record: StoredRecord, ballot: Ballot): StoredRecord {
  if (compareBallots(ballot, promisedBallot(record)) <= 0) return record;
  const { accepted, recent, settled } = record.vote ?? { accepted: noBallot, recent: [], settled: 0 };
  return withVote(record, { promised: ballot, accepted, recent, settled });
}

/** Whether the record stands behind a prepare of `ballot`. */
export function agreesTo(record: StoredRecord, ballot: Ballot): boolean {
  return compareBallots(promisedBallot(record), ballot) <= 0;
}

/** The record of `value` accepted under `ballot`, as every replica that accepts it stores it. */
export function acceptedAs(
  value: StoredRecord,
  ballot: Ballot,
  { recent, settled }: Pick<KeyVote, 'recent' | 'settled'> = { recent: [], settled: 0 },
): StoredRecord {
  return withVote(value, { promised: ballot, accepted: ballot, recent, settled });
}

/**
 * Phase 2b: what `record` becomes by the accept of `value`, which carries its ballot as `acceptedAs` wrote it. `outbid`:
 * a higher ballot was promised. `uncovered`: the replica has plain writes which it owes to others, so that one of them
 * may have been acknowledged at a weak level on this copy alone, and which the value does not know of; to accept would be
 * to forget them. What it does not owe is of a write whose coordinator proposes it anew, or was never acknowledged.
 */
export function acceptKey(
  record: StoredRecord,
  value: StoredRecord,
  owed: boolean,
): StoredRecord | 'outbid' | 'uncovered' {
  const ballot = acceptedBallot(value);
  if (!agreesTo(record, ballot)) return 'outbid';
  if (compareBallots(ballot, acceptedBallot(record)) === 0) return record;
  if (owed && !isAccepted(record) && !descends(value.clock, record.clock)) return 'uncovered';
  return acceptedAs(value, ballot, value.vote ?? undefined);
}

/**
 * What `record` becomes by a copy of another replica's record that comes outside of any round: a hint, or a hand-over.
 * An accepted value counts as its accept come late. null: this cannot be settled between the two, a round must be run.
 */
export function takeCopy(record: StoredRecord, copy: StoredRecord, owed: boolean): StoredRecord | null {
  if (isAccepted(copy)) {
    // What was accepted here under a higher ballot has in it whatever may have been chosen under a lower one.
    if (compareBallots(acceptedBallot(record), acceptedBallot(copy)) >= 0) return record;
    const accepted = acceptKey(record, copy, owed);
    return typeof accepted === 'string' ? null : accepted;
  }
  // A replica that has promised takes no plain writes, whoever brings them.
  return record.vote === null ? mergeRecords(record, copy) : null;
}

/** Whether the record has in it what the copy brings: by its own ballot or a higher one, or by its clock. */
export function hasTaken(record: StoredRecord, copy: StoredRecord): boolean {
  if (isAccepted(copy)) return compareBallots(acceptedBallot(record), acceptedBallot(copy)) >= 0;
  return descends(record.clock, copy.clock);
}
