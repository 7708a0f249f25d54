import type { KeyVote, Sibling, StoredRecord, VersionVector } from '../causality/record.ts';

/**
 * A record as this process holds it. It is immutable, so its canonical bytes and their digest are worked out once:
 * the same bytes go to the local disk, to each peer and into the answer to a digest read.
 */
export class HeldRecord implements StoredRecord {
  readonly clock: VersionVector;
  readonly siblings: readonly Sibling[];
  readonly vote: KeyVote | null;
  #bytes: Uint8Array | null;
  #digest = '';

  /** `bytes` are the record's canonical bytes where they are known already, as when it was decoded from them. */
  constructor(
    clock: VersionVector,
    siblings: readonly Sibling[],
    bytes: Uint8Array | null = null,
    vote: KeyVote | null = null,
  ) {
    this.clock = clock;
    this.siblings = siblings;
    this.vote = vote;
    this.#bytes = bytes;
  }

  /** The canonical bytes; `encode` works them out the first time. */
  bytes(encode: (record: StoredRecord) => Uint8Array): Uint8Array {
    this.#bytes ??= encode(this);
    return this.#bytes;
  }

  /** The digest of the canonical bytes; `digest` works it out the first time. */
  digest(digest: (record: StoredRecord) => string): string {
    if (this.#digest === '') this.#digest = digest(this);
    return this.#digest;
  }
}

/** The record of a key never written. */
export const emptyHeldRecord: StoredRecord = new HeldRecord([], []);
