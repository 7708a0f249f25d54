/**
 * Every bound of the database core: name, value, unit (last word of the name), reason. The simulator draws them
 * small on purpose; a node may be given other values by configuration. `docs/limits.md` is generated from this file.
 */
export const limits = {
  /** A key's UTF-8 bytes: long enough for paths and ids, short enough to sit in every index and message. */
  keyBytesMax: 1024,
  /** A value's UTF-8 JSON bytes: larger values would hold a replica's disk and every peer's frame for too long. */
  valueBytesMax: 1_048_576,
  /** A table name's characters. */
  tableCharsMax: 64,
  /** Siblings of one record: over it the client must read and resolve first (Riak refuses at the same number). */
  siblingsMax: 100,
  /** A client's request id, in characters. */
  requestIdCharsMax: 128,
  /** Keys in one page of a listing. */
  listPageKeysMax: 1000,
  /** Time a request may take unless it says otherwise, in ms. */
  requestDeadlineMs: 3000,
  /** Longest deadline a client may ask for, in ms: nothing of the core waits longer for a client. */
  requestDeadlineMsMax: 60_000,
  /** A peer's clock further ahead of this wall clock than this, in ms, is not believed: hosts with time service differ by far less. */
  hlcDriftMsMax: 60_000,
} as const;

/** The bounds as plain numbers, so that a test or an operator can tighten any of them. */
export type Limits = { readonly [Name in keyof typeof limits]: number };
