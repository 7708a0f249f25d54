import type { ActorId, Hlc, WallMs } from '../base/ids.ts';
import type { Ballot } from '../paxos/ballot.ts';

/** The unique id of one write, for ever: the `counter`-th event (1 or more) of `actor`. */
export interface Dot {
  readonly actor: ActorId;
  readonly counter: number;
}

/**
 * A version vector as its entries in ascending order of actor (by UTF-16 code unit), each actor at most once, each
 * counter at least 1. Immutable. An entry (a, n) says: every write of actor `a` to this key up to counter n is
 * either carried by the record or superseded by what it carries.
 */
export type VersionVector = readonly Dot[];

/** One of several values of a key whose writes did not know of each other. */
export interface Sibling {
  readonly dot: Dot;
  /** Decides which sibling a read answers with; always above that of everything this write discarded. */
  readonly hlc: Hlc;
  /** UTF-8 JSON, or null for a tombstone. */
  readonly value: Uint8Array | null;
  /**
   * A tombstone whose writer said what it had read: it removes only that, so it never hides a live sibling.
   * Always false for values and for deletes without a context.
   */
  readonly scoped: boolean;
  /** When the value stops being returned; 0 means never. */
  readonly expiresAt: WallMs;
  /**
   * First 64 bits of SHA-256 of the client's own request id, as 16 hex digits; empty if it gave none. It travels with
   * the write, so every replica that holds the first attempt recognises a retry, by whatever path it got it.
   */
  readonly request: string;
}

/** A client's request that a value chosen by Paxos has in it: its tag (`Sibling.request`) and the dot it was given. */
export interface AppliedRequest {
  readonly request: string;
  readonly dot: Dot;
}

/**
 * What a replica has bound itself to in the Paxos of one key. It is stored with the record, because it must become
 * durable in the same batch and go wherever the record goes.
 */
export interface KeyVote {
  /** No accept under a lower ballot is taken. At least `accepted`; round 1 or more. */
  readonly promised: Ballot;
  /** The ballot under which the record beside this vote was accepted; of round 0 while the record is of plain writes. */
  readonly accepted: Ballot;
  /** Requests that the accepted value has in it and that a majority may not remember yet; oldest first, bounded. */
  readonly recent: readonly AppliedRequest[];
  /**
   * So many of `recent`, from the first on, are of a value that was chosen: whoever accepts this one remembers them. They
   * go with the value because not its proposer alone may bring it to a majority.
   */
  readonly settled: number;
}

/**
 * What is stored for a key: a dotted version vector set (Gonçalves, Almeida, Baquero, Fonte: "Scalable and
 * accurate causality tracking for eventually consistent stores", DAIS 2014). Siblings are in canonical order:
 * descending HLC, then descending actor, then descending counter. The record of a key never written is `emptyRecord`.
 */
export interface StoredRecord {
  readonly clock: VersionVector;
  readonly siblings: readonly Sibling[];
  /** null for a key that no replica has told this one to agree on: plain writes are then merged. */
  readonly vote: KeyVote | null;
}
