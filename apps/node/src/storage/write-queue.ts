/**
 * Group commit. Everything that is written while one batch is on its way to the disk goes down as the next, with one
 * sync. A batch that failed poisons the queue for good: LevelDB 1.20 moves its place in the log on even when an append
 * failed, and batches it acknowledges after that are gone when the log is read again.
 */
import type { RowWrite } from '@starling/core/node/effect.ts';
import { sealRow } from './record-envelope.ts';
import { StorageError } from './storage-error.ts';
import { baseRow, batchRow, encodeNumber } from './store-rows.ts';

export interface WriteQueueOptions {
  /** Bytes of rows in one batch: more would hold the acknowledgements of the small ones up. */
  readonly batchBytesMax: number;
  /** Queued bytes at which the pressure signal comes on; it goes off at half of that. */
  readonly queueBytesHigh: number;
  /** Queued bytes at which the queue gives up: somebody does not heed the signal. */
  readonly queueBytesMax: number;
  /** Bytes of later batches after which a batch is no longer in LevelDB's log but in a table. */
  readonly logBytesMax: number;
}

export interface WriteQueueEvents {
  /** Every write up to `seq` is on stable storage. */
  written(seq: number): void;
  /** A batch failed: whether its writes are on the disk is unknown, and nothing more will be taken. */
  failed(cause: unknown): void;
  /** Far more waits than the disk takes in a moment (true), or no longer. */
  pressure(high: boolean): void;
}

interface QueuedWrite {
  readonly seq: number;
  readonly rows: readonly RowWrite[];
  readonly bytes: number;
}

/** One batch being put together. */
export interface BatchBuilder {
  put(key: string, value: Uint8Array): unknown;
  del(key: string): unknown;
  write(options: { readonly sync: true }): Promise<void>;
}

/**
 * What the queue needs of a database. A batch put together call by call takes the main thread a seventh of the time
 * that one handed over as a list does: 1 µs a row against 7, because nothing is copied and merged with options.
 */
export interface BatchTarget {
  batch(): BatchBuilder;
}

/** Least bytes that a row takes in LevelDB's memory beside its key and value: tag, lengths, node of the skip list. */
const rowOverheadBytes = 24;
/** Batches between two looks at which batch rows may go. */
const trimEveryBatches = 256;

export class WriteQueue {
  readonly #database: BatchTarget;
  readonly #options: WriteQueueOptions;
  readonly #events: WriteQueueEvents;
  #queue: QueuedWrite[] = [];
  #queueBytes = 0;
  #sequence: number;
  #durable: number;
  #base: number;
  #loggedBytes = 0;
  /** For every so many batches, how many bytes had been logged by then. */
  #marks: { readonly sequence: number; readonly loggedBytes: number }[] = [];
  #scheduled = false;
  #inFlight: Promise<void> | null = null;
  #pressed = false;
  #dead = false;

  /** Batches are numbered from `sequence + 1`; every batch row up to `sequence` has been removed. */
  constructor(database: BatchTarget, sequence: number, options: WriteQueueOptions, events: WriteQueueEvents) {
    this.#database = database;
    this.#sequence = sequence;
    this.#durable = sequence;
    this.#base = sequence;
    this.#options = options;
    this.#events = events;
  }

  /** Number of the newest batch on stable storage. */
  get durableSequence(): number {
    return this.#durable;
  }

  /** Bytes of writes that no batch on its way carries yet. */
  get queuedBytes(): number {
    return this.#queueBytes;
  }

  write(seq: number, rows: readonly RowWrite[]): void {
    if (this.#dead) return;
    const bytes = bytesOf(rows);
    this.#queue.push({ seq, rows, bytes });
    this.#queueBytes += bytes;
    this.#signal();
    if (this.#queueBytes > this.#options.queueBytesMax) return this.#overrun();
    if (this.#scheduled || this.#inFlight !== null) return;
    this.#scheduled = true;
    // Behind everything that this turn of the event loop still has to read from its sockets.
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#inFlight === null) this.#next();
    });
  }

  /** Resolves when nothing waits and nothing is on its way. False if the queue died before that. */
  async drain(): Promise<boolean> {
    while (!this.#dead && (this.#queue.length > 0 || this.#inFlight !== null)) {
      if (this.#inFlight === null) this.#next();
      await this.#inFlight;
    }
    return !this.#dead;
  }

  /** Takes nothing more, and drops what waits. Resolves when nothing is on its way. */
  async stop(): Promise<void> {
    this.#dead = true;
    this.#drop();
    await this.#inFlight;
  }

  #next(): void {
    if (this.#dead || this.#queue.length === 0) return;
    const taken = this.#take();
    const batch = this.#fill(taken);
    const sequence = this.#sequence;
    const { seq } = taken.at(-1)!;
    this.#inFlight = batch.write({ sync: true }).then(
      () => this.#done(sequence, seq),
      (cause: unknown) => this.#failed(cause),
    );
    this.#signal();
  }

  #done(sequence: number, seq: number): void {
    this.#inFlight = null;
    this.#durable = sequence;
    if (this.#dead) return;
    // The disk gets its next batch before the machine hears of this one: both work at the same time.
    this.#next();
    this.#events.written(seq);
  }

  #failed(cause: unknown): void {
    this.#inFlight = null;
    if (this.#dead) return;
    this.#dead = true;
    this.#drop();
    this.#events.failed(cause);
  }

  #overrun(): void {
    const { queueBytesMax } = this.#options;
    const cause = new StorageError(
      'overrun',
      `${this.#queueBytes} bytes wait to be written, at most ${queueBytesMax} may`,
    );
    this.#dead = true;
    this.#drop();
    // Not from within the call that writes: the effects of that step must all be carried out first.
    setImmediate(() => this.#events.failed(cause));
  }

  /** The longest run of queued writes that fits a batch, but at least one. */
  #take(): QueuedWrite[] {
    let bytes = 0;
    let count = 0;
    for (const write of this.#queue) {
      if (count > 0 && bytes + write.bytes > this.#options.batchBytesMax) break;
      bytes += write.bytes;
      count++;
    }
    this.#queueBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  #fill(taken: readonly QueuedWrite[]): BatchBuilder {
    const batch = this.#database.batch();
    for (const [row, payload] of lastWrites(taken)) {
      if (payload === null) batch.del(row);
      else this.#put(batch, row, payload);
    }
    const sequence = ++this.#sequence;
    this.#put(batch, batchRow(sequence), nothing);
    if (sequence % trimEveryBatches === 0) this.#trim(batch, sequence);
    return batch;
  }

  #put(batch: BatchBuilder, row: string, payload: Uint8Array): void {
    const sealed = sealRow(row, payload);
    this.#loggedBytes += row.length + sealed.length + rowOverheadBytes;
    batch.put(row, sealed);
  }

  /** Removes the rows of batches that have left the log, and says up to where. */
  #trim(batch: BatchBuilder, sequence: number): void {
    this.#marks.push({ sequence, loggedBytes: this.#loggedBytes });
    const inLogFrom = this.#loggedBytes - this.#options.logBytesMax;
    let until = this.#base;
    while (this.#marks.length > 0 && this.#marks[0]!.loggedBytes <= inLogFrom) {
      until = this.#marks.shift()!.sequence;
    }
    if (until === this.#base) return;
    for (let gone = this.#base + 1; gone <= until; gone++) batch.del(batchRow(gone));
    this.#base = until;
    this.#put(batch, baseRow, encodeNumber(until));
  }

  #drop(): void {
    this.#queue = [];
    this.#queueBytes = 0;
    this.#signal();
  }

  #signal(): void {
    const { queueBytesHigh } = this.#options;
    const pressed = this.#pressed
      ? this.#queueBytes > queueBytesHigh / 2
      : this.#queueBytes >= queueBytesHigh;
    if (pressed === this.#pressed) return;
    this.#pressed = pressed;
    this.#events.pressure(pressed);
  }
}

const nothing = new Uint8Array(0);

/**
 * What is left of several writes that become durable together: of each row the last. Every step of the machine writes its
 * counts anew, so under load this is half of the rows of a replica.
 */
function lastWrites(taken: readonly QueuedWrite[]): ReadonlyMap<string, Uint8Array | null> {
  const last = new Map<string, Uint8Array | null>();
  for (const { rows } of taken) for (const [row, payload] of rows) last.set(row, payload);
  return last;
}

function bytesOf(rows: readonly RowWrite[]): number {
  let bytes = 0;
  for (const [row, payload] of rows) bytes += row.length + rowOverheadBytes + (payload?.length ?? 0);
  return bytes;
}
