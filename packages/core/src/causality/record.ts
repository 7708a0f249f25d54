import type { ActorId, Hlc, WallMs } from '../base/ids.ts';

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

/**
 * What is stored for a key: a dotted version vector set (Gonçalves, Almeida, Baquero, Fonte: "Scalable and
 * accurate causality tracking for eventually consistent stores", DAIS 2014). Siblings are in canonical order:
 * descending HLC, then descending actor, then descending counter. The record of a key never written is `emptyRecord`.
 */
export interface StoredRecord {
  readonly clock: VersionVector;
  readonly siblings: readonly Sibling[];
}
