import type { RowWrite } from '@starling/core/node/effect.ts';
import type { ReadRow } from '@starling/core/node/input.ts';

/** What a store finds out about itself when it is opened. */
export interface DiskOpening {
  readonly historyIntact: boolean;
  readonly cleanShutdown: boolean;
  readonly fresh: boolean;
  readonly bootCounter: number;
  readonly instanceId: string;
}

export interface DiskPage {
  readonly rows: readonly (readonly [row: string, value: ReadRow])[];
  readonly done: boolean;
}

/**
 * A node's disk as its simulated process uses it. Time is the caller's business: the process decides how long a
 * call takes, the disk what comes of it.
 */
export interface DiskPort {
  open(): DiskOpening;
  /** Takes one atomic batch; it is durable after the next good `sync`. False is an error: the store is poisoned. */
  write(rows: readonly RowWrite[]): boolean;
  sync(): boolean;
  read(row: string): ReadRow;
  scan(after: string, until: string, rowsMax: number, bytesMax: number): DiskPage;
  /** The process died. With `power`, what was not synced may be lost, batch by batch; otherwise all of it survives. */
  crash(power: boolean): void;
  /** An orderly stop: everything is synced and the shutdown marked clean. */
  close(): void;
  /** What a read would answer if the power failed now; `corrupt` counts as nothing. */
  durable(row: string): Uint8Array | null;
  /** Every row whose durable value is not null, in no particular order. */
  durableRows(): Iterable<string>;
}
