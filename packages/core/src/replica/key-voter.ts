import type { NodeId } from '../base/ids.ts';
import { sameDot } from '../causality/dot.ts';
import { isTombstone } from '../causality/dvv-set.ts';
import type { Dot, StoredRecord } from '../causality/record.ts';
import type { ReplicaResult } from '../node/messages.ts';
import { type Ballot, noBallot } from '../paxos/ballot.ts';
import { acceptKey, agreesTo, promisedBallot, promiseKey } from '../paxos/key-acceptor.ts';
import type { KeyRef } from '../ring/key.ts';
import type { Entry, RecordStore } from './record-store.ts';
import type { RequestMemory } from './request-memory.ts';

type Refusal = Exclude<ReplicaResult, 'ok'>;

/** What the voter needs of the node around it. */
export interface KeyVoterHost {
  readonly self: NodeId;
  readonly records: RecordStore;
  readonly requests: RequestMemory;
  /** This node's own promises may be lost: it makes no others until it has learnt those of the other replicas. */
  recovering(): boolean;
  diskLow(): boolean;
  /** This node has the key's record to give to others: what is on its disk alone must not be forgotten. */
  owed(ref: KeyRef): boolean;
}

/** What a replica said with its promise. */
export interface Promised {
  /** The record as it was before this promise. */
  readonly record: StoredRecord;
  readonly applied: Dot | null;
}

export interface PrepareEnds {
  /** Asked when the record is in memory: why the call may not be served any more, or null. */
  fence(): Refusal | null;
  promised(seen: Promised): void;
  refused(why: Refusal, promised: Ballot, seen: null): void;
}

export interface AcceptEnds {
  fence(): Refusal | null;
  answer(result: ReplicaResult, promised: Ballot): void;
}

export interface ProposeEnds {
  fence(): Refusal | null;
  /** What to accept here and send to the others, given this node's own record; null to give up. */
  decide(own: StoredRecord): StoredRecord | null;
  /** The decision is staged: called in the same step, before anything can be known of its durability. */
  proposed(value: StoredRecord): void;
  durable(): void;
  refused(why: Refusal, promised: Ballot): void;
}

/**
 * This replica's vote in the Paxos of single keys. What it says is durable first: a promise or an accept is a write of
 * the record like any other, and its answer waits for the batch that holds it.
 */
export class KeyVoter {
  readonly #host: KeyVoterHost;

  constructor(host: KeyVoterHost) {
    this.#host = host;
  }

  /** The highest ballot this replica has promised for the key; of round 0 where there is none, or none that can be read. */
  promised(ref: KeyRef, then: (ballot: Ballot) => void): void {
    this.#host.records.withRecord(ref, ({ record }) =>
      then(record === null ? noBallot : promisedBallot(record)),
    );
  }

  prepare(ref: KeyRef, ballot: Ballot, request: string, ends: PrepareEnds): void {
    this.#vote(
      ref,
      ends,
      (why) => ends.refused(why, noBallot, null),
      (entry, record) => {
        if (!agreesTo(record, ballot)) return ends.refused('outbid', promisedBallot(record), null);
        const next = promiseKey(record, ballot);
        if (next !== record) this.#host.records.write(entry, next);
        // After the promise: what is applied from now on is applied by a ballot that is asked for anew.
        this.#host.requests.find(ref, request, (applied) =>
          this.#host.records.whenDurable(entry, () => ends.promised({ record, applied })),
        );
      },
    );
  }

  accept(ref: KeyRef, value: StoredRecord, { fence, answer }: AcceptEnds): void {
    this.#vote(
      ref,
      { fence },
      (why) => answer(why, noBallot),
      (entry, record) => {
        if (this.#host.diskLow() && !isTombstone(value) && !holdsValuesOf(record, value))
          return answer('diskFull', promisedBallot(record));
        const next = acceptKey(record, value, this.#host.owed(ref));
        if (typeof next === 'string') return answer(next, promisedBallot(record));
        if (next !== record) this.#host.records.write(entry, next);
        this.#host.records.whenDurable(entry, () => answer('ok', promisedBallot(next)));
      },
    );
  }

  /** Accepts what `decide` makes of this node's own record, in the one step in which it is decided. */
  propose(ref: KeyRef, ballot: Ballot, ends: ProposeEnds): void {
    this.#vote(
      ref,
      ends,
      (why) => ends.refused(why, noBallot),
      (entry, record) => {
        if (!agreesTo(record, ballot)) return ends.refused('outbid', promisedBallot(record));
        const value = ends.decide(record);
        if (value === null) return;
        this.#host.records.write(entry, value);
        ends.proposed(value);
        this.#host.records.whenDurable(entry, ends.durable);
      },
    );
  }

  #vote(
    ref: KeyRef,
    { fence }: { fence(): Refusal | null },
    refused: (why: Refusal) => void,
    vote: (entry: Entry, record: StoredRecord) => void,
  ): void {
    if (this.#host.recovering()) return refused('recovering');
    this.#host.records.withRecord(ref, (entry) => {
      const late = fence();
      if (late !== null) return refused(late);
      if (entry.record === null) return refused('corrupt');
      vote(entry, entry.record);
    });
  }
}

/** Whether every sibling of `value` is in the record already, so that accepting it takes no more of the disk. */
function holdsValuesOf(record: StoredRecord, value: StoredRecord): boolean {
  return value.siblings.every(({ dot }) => record.siblings.some((held) => sameDot(held.dot, dot)));
}
