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
  /** Takes one atomic batch. Batches become durable in the order in which they were given, several with one sync. */
  write(seq: number, rows: readonly RowWrite[]): void;
  /** One answer, in a later turn of the event loop; none once the store is poisoned or closed. */
  read(rows: readonly string[], then: (rows: readonly ReadRow[]) => void): void;
  scan(range: RowRange, then: (page: RowPage) => void): void;
  /**
   * Ends the store, so that it can be opened again. With `clean`, everything given becomes durable and the shutdown is
   * marked clean; the answer is whether that succeeded.
   */
  close(clean: boolean): Promise<boolean>;
}

/** What a store reports by itself, never from within a call. */
export interface StoreEvents {
  /** Every batch up to `seq` is on stable storage. */
  written(seq: number): void;
  /** A write failed: what is on disk is not known, and nothing more can be written. Called once. */
  poisoned(cause: Error): void;
  /** More waits to be written than the disk takes in a moment: new writes are refused until false comes. */
  pressure(high: boolean): void;
  /** The disk crossed its low-water mark. */
  diskLow(low: boolean): void;
}

export interface OpenedStore {
  readonly store: MachineStore;
  readonly boot: BootImage;
}

export type OpenStore = (events: StoreEvents) => Promise<OpenedStore>;
