import type { RowWrite } from '@starling/core/node/effect.ts';
import { SortedRows } from './disk-rows.ts';

/** Synced batches that can still be lost: those LevelDB would keep in its log. Older ones are in tables. */
export const undoBatchesMax = 128;

/** A batch that is durable, with what it replaced. */
interface Undo {
  readonly sequence: number;
  readonly before: Map<string, Uint8Array | null>;
}

/** Rows with a short memory of how they came to be, so that a batch can be taken back as if it had never been. */
export class BatchedRows {
  readonly rows: SortedRows;
  #sequence: number;
  #undo: Undo[] = [];

  constructor(rows = new SortedRows(), sequence = 0) {
    this.rows = rows;
    this.#sequence = sequence;
  }

  /** Number of the newest batch that is there. */
  get sequence(): number {
    return this.#sequence;
  }

  apply(batch: readonly RowWrite[]): void {
    const before = new Map<string, Uint8Array | null>();
    for (const [row, value] of batch) {
      const old = this.rows.set(row, value);
      if (!before.has(row)) before.set(row, old);
    }
    this.#undo.push({ sequence: ++this.#sequence, before });
    if (this.#undo.length > undoBatchesMax) this.#undo.shift();
  }

  /** What is there now can no longer be lost: it has moved from the log into tables. */
  settle(): void {
    this.#undo = [];
  }

  /** Takes back the newest `batches`, or as many as are remembered. */
  loseTail(batches: number): void {
    for (let lost = 0; lost < batches; lost++) {
      const undo = this.#undo.pop();
      if (undo === undefined) return;
      for (const [row, value] of undo.before) this.rows.set(row, value);
      this.#sequence = undo.sequence - 1;
    }
  }

  /** Batches that have a later one after them and can be taken out by `loseMiddle`. */
  get middleBatches(): number {
    return Math.max(0, this.#undo.length - 1);
  }

  /** The oldest of these that wrote `row`, as `loseMiddle` counts them; -1 if there is none. */
  middleBatchOf(row: string): number {
    return this.#undo.slice(0, -1).findIndex(({ before }) => before.has(row));
  }

  /** Takes one batch out of the middle: rows that a later batch wrote too keep what that one wrote. */
  loseMiddle(index: number): void {
    const [lost] = this.#undo.splice(index, 1);
    if (lost === undefined) return;
    const later = this.#undo.slice(index);
    for (const [row, value] of lost.before) {
      const next = later.find(({ before }) => before.has(row));
      if (next === undefined) this.rows.set(row, value);
      else next.before.set(row, value);
    }
  }
}
