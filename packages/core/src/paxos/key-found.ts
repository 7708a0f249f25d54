/** What a prepare's majority says about a key, and what may be proposed after it. */
import { emptyRecord, isAccepted, mergeRecords, withVote } from '../causality/dvv-set.ts';
import type { AppliedRequest, StoredRecord } from '../causality/record.ts';
import { type Ballot, compareBallots } from './ballot.ts';
import { acceptedBallot, promisedBallot } from './key-acceptor.ts';

/** The value a round starts from. */
export interface Found {
  /** The value, without a vote. */
  readonly value: StoredRecord;
  /** The ballot under which it was accepted; of round 0 if it is a merge of plain writes. */
  readonly accepted: Ballot;
  readonly recent: readonly AppliedRequest[];
  /** So many of `recent` were chosen before. */
  readonly settled: number;
}

/**
 * The accepted value of the highest ballot; where none is accepted, the merge of the plain records (rule 2). Plain
 * writes that a replica holds beside an accepted value are left alone: they are of a minority, since what a majority had
 * stored before it promised is in every accepted value. Merged in by whoever finds them they would stand beside newer
 * values with an older HLC, unseen by readers, and their writers would be told that they had taken effect.
 */
export function foundAmong(records: readonly StoredRecord[]): Found {
  let best = emptyRecord;
  let plain = emptyRecord;
  for (const record of records) {
    if (!isAccepted(record)) plain = mergeRecords(plain, withVote(record, null));
    else if (compareBallots(acceptedBallot(record), acceptedBallot(best)) > 0) best = record;
  }
  return {
    value: isAccepted(best) ? withVote(best, null) : plain,
    accepted: acceptedBallot(best),
    recent: best.vote?.recent ?? [],
    settled: best.vote?.settled ?? 0,
  };
}

/** Whether the replica's record shows that it accepted under `ballot` and had promised nothing higher: it counts for it. */
export function standsBy(record: StoredRecord, ballot: Ballot): boolean {
  return (
    ballot.round > 0 &&
    compareBallots(acceptedBallot(record), ballot) === 0 &&
    compareBallots(promisedBallot(record), ballot) === 0
  );
}
