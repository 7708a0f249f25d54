import type { RowWrite } from '@starling/core/node/effect.ts';
import type { ReadRow } from '@starling/core/node/input.ts';
import type { BootImage } from '@starling/core/node/options.ts';

/** Rows of a scan, in ascending UTF-8 byte order; `done` when the range has no more. */
export interface RowPage {
  readonly rows: readonly (readonly [row: string, value: ReadRow])[];
  readonly done: boolean;
}

export interface RowRange {
  readonly after: string;
  readonly until: string;
  readonly rowsMax: number;
  readonly bytesMax: number;
}

/** The store as the driver uses it: what is left to the store is how, not whether, a batch becomes durable. */
export interface MachineStore {
  /** Takes one atomic batch. Batches become durable in the order in which they were given. */
  write(seq: number, rows: readonly RowWrite[]): void;
  /** Everything given so far may go to the disk now, with as few syncs as possible. */
  flush(): void;
  read(rows: readonly string[]): Promise<readonly ReadRow[]>;
  scan(range: RowRange): Promise<RowPage>;
  /** An orderly end: everything given is durable, and the next start will know that nothing is missing. */
  close(): Promise<void>;
  /** Gives up the store, whatever state it is in, so that it can be opened again. */
  discard(): Promise<void>;
}

/** What a store reports by itself. */
export interface StoreEvents {
  /** Every batch up to `seq` is on stable storage. */
  readonly written: (seq: number) => void;
  /** A write failed: what is on disk is not known, and nothing more can be written. Called once. */
  readonly poisoned: (cause: Error) => void;
  /** The disk crossed its low-water mark. */
  readonly diskLow: (low: boolean) => void;
}

export interface OpenedStore {
  readonly store: MachineStore;
  readonly boot: BootImage;
}

export type OpenStore = (events: StoreEvents) => Promise<OpenedStore>;
