import type { RowWrite } from '../node/effect.ts';

interface Batch {
  bytes: number;
  readonly waiting: (() => void)[];
}

/**
 * The one way to the disk, and the one way to learn that something is durable.
 *
 * All rows staged in one step of the machine leave as one write effect with one sequence number. An acknowledgement
 * is handed over as a function that runs when that number is reported durable: no path can send it early.
 */
export class WriteLog {
  #staged: RowWrite[] = [];
  #nextSeq = 1;
  #durableSeq = 0;
  #stagedBytes = 0;
  #pendingBytes = 0;
  /** Batches that are not yet durable, oldest first and without a gap; the last may still be staged. */
  readonly #batches: Batch[] = [];
  readonly #emit: (seq: number, rows: readonly RowWrite[]) => void;

  constructor(emit: (seq: number, rows: readonly RowWrite[]) => void) {
    this.#emit = emit;
  }

  /** Number of the newest batch reported durable. */
  get durableSeq(): number {
    return this.#durableSeq;
  }

  /** Number of the newest batch that holds anything staged so far. */
  get lastSeq(): number {
    return this.#staged.length > 0 ? this.#nextSeq : this.#nextSeq - 1;
  }

  /** Bytes staged or on their way to the disk: what a slow disk makes this node hold in memory. */
  get pendingBytes(): number {
    return this.#pendingBytes + this.#stagedBytes;
  }

  /** Adds one row to this step's batch (null removes it); answers the batch's number. */
  stage(row: string, value: Uint8Array | null): number {
    this.#staged.push([row, value]);
    this.#stagedBytes += row.length + (value?.length ?? 0);
    return this.#nextSeq;
  }

  /** Runs `then` once batch `seq` is durable: now, if it already is. */
  whenDurable(seq: number, then: () => void): void {
    if (seq <= this.#durableSeq) return then();
    this.#batch(seq).waiting.push(then);
  }

  /** At the end of a step: sends what was staged. */
  flush(): void {
    if (this.#staged.length === 0) return;
    const rows = this.#staged;
    this.#staged = [];
    this.#batch(this.#nextSeq).bytes = this.#stagedBytes;
    this.#pendingBytes += this.#stagedBytes;
    this.#stagedBytes = 0;
    this.#emit(this.#nextSeq++, rows);
  }

  /** Every batch up to `seq` is on stable storage. */
  written(seq: number): void {
    const from = this.#durableSeq;
    if (seq <= from) return;
    this.#durableSeq = seq;
    const durable = this.#batches.splice(0, seq - from);
    for (const { bytes } of durable) this.#pendingBytes -= bytes;
    for (const { waiting } of durable) for (const then of waiting) then();
  }

  /** The batch of that number, which is not durable and at most the one that is staged. */
  #batch(seq: number): Batch {
    for (let next = this.#durableSeq + this.#batches.length + 1; next <= seq; next++)
      this.#batches.push({ bytes: 0, waiting: [] });
    return this.#batches[seq - this.#durableSeq - 1]!;
  }
}
