import type { RowWrite } from '@starling/core/node/effect.ts';
import type { ReadRow } from '@starling/core/node/input.ts';
import type { BootImage } from '@starling/core/node/options.ts';

export interface StorageRange {
  readonly after: string;
  readonly until: string;
  readonly rowsMax: number;
  readonly bytesMax: number;
}

export interface StoragePage {
  readonly rows: readonly (readonly [row: string, value: ReadRow])[];
  readonly done: boolean;
}

/** One opening of a store, with promises where the machine's contract has completions. */
export interface OpenStorage {
  readonly boot: BootImage;
  /** Resolves when the batch is reported durable; rejects if it never will be. Must not wait before it writes. */
  write(rows: readonly RowWrite[]): Promise<void>;
  read(rows: readonly string[]): Promise<readonly ReadRow[]>;
  scan(range: StorageRange): Promise<StoragePage>;
  /** An orderly stop, after everything written. */
  close(): Promise<void>;
  /** The process dies at once. Writes not yet reported reject or stay open. */
  kill(): Promise<void>;
}

/** Ways of harming a directory. All but `failWrites` and `secondOpen` are staged while it is not open. */
export interface StorageHarms {
  /** Spoils the stored bytes of a row that is there. */
  corrupt(row: string): Promise<void>;
  /** Takes acknowledged batches off the end, some of them below the watermark. */
  loseTail(): Promise<void>;
  /** Damages the log somewhere before its end. */
  loseMiddle(): Promise<void>;
  /** From now on, or no longer, every write fails. */
  failWrites(failing: boolean): Promise<void>;
  /** Replaces the directory by a copy of its files. */
  copy(): Promise<void>;
  /** Damages the store so that it cannot be opened. */
  loseStore(): Promise<void>;
  /** Removes everything. */
  wipe(): Promise<void>;
}

/** A directory that can be opened again and again. */
export interface StorageSubject extends StorageHarms {
  open(): Promise<OpenStorage>;
  dispose(): Promise<void>;
}

/** A subject in a directory of its own, never opened before. */
export type StorageFactory = () => Promise<StorageSubject>;

/** What a store under test can do: each harm it can stage, or why it cannot. */
export interface StorageManifest {
  readonly name: string;
  readonly harms: Readonly<Record<keyof StorageHarms | 'secondOpen', true | string>>;
}

export async function inFreshDirectory(
  factory: StorageFactory,
  run: (subject: StorageSubject) => Promise<void>,
): Promise<void> {
  const subject = await factory();
  try {
    await run(subject);
  } finally {
    await subject.dispose();
  }
}
