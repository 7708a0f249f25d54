/** Why a data directory cannot be opened, or why an open store can take no more writes. */
export type StorageErrorCode =
  /** Another process has the directory open. */
  | 'locked'
  /** The path names something that is no directory. */
  | 'not_a_directory'
  /** This process may not write there. */
  | 'unwritable'
  /** Written by a newer release, in a format this one does not know. */
  | 'newer_format'
  | 'no_space'
  /** The operating system answered a call with an error. */
  | 'io'
  /** The store's own files contradict themselves. */
  | 'damaged'
  /** More was written than may wait in memory. */
  | 'overrun';

/** An operating error of storage. The message is a sentence for an operator and names the path. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** What an operator should hear of the store, beside its errors. */
export type StorageNotice =
  /** Something acknowledged may be missing from this directory: `doubts` says what gives rise to that. */
  | { readonly kind: 'doubt'; readonly doubts: readonly string[] }
  /** The store could not be used and was renamed to `path`; this node starts without rows. */
  | { readonly kind: 'quarantined'; readonly path: string; readonly reason: string }
  /** A row's bytes do not match their checksum, or could not be read at all. */
  | { readonly kind: 'corrupt'; readonly row: string }
  /** The watermark could not be refreshed: a loss after the last one will not be noticed. */
  | { readonly kind: 'watermark'; readonly message: string };
