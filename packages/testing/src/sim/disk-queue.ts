/** A process's way to its disk: group commit, reads and scans with the latencies of one machine. */
import type { Effect, RowWrite } from '@starling/core/node/effect.ts';
import type { SimProcess } from './process.ts';
import type { ProcessParts, ProcessWorld } from './process-parts.ts';
import { describeRows } from './trace-words.ts';

interface Batch {
  readonly seq: number;
  readonly rows: readonly RowWrite[];
}

export class DiskQueue {
  /** Multiplies every latency: 1 is a healthy disk. */
  slowness = 1;
  readonly #process: SimProcess;
  readonly #world: ProcessWorld;
  readonly #parts: ProcessParts;
  readonly #poisoned: () => void;
  #batches: Batch[] = [];
  #syncing = false;
  #low = false;

  /** `poisoned` is called once after a write error, never in the middle of a step. */
  constructor(process: SimProcess, world: ProcessWorld, parts: ProcessParts, poisoned: () => void) {
    this.#process = process;
    this.#world = world;
    this.#parts = parts;
    this.#poisoned = poisoned;
  }

  /** The process has died: what was under way is nobody's. */
  clear(): void {
    this.#batches = [];
    this.#syncing = false;
    this.#low = false;
  }

  write(seq: number, rows: readonly RowWrite[]): void {
    const { trace, scheduler, observers } = this.#world;
    trace.note(scheduler.now, 'write', this.#process.index, seq, rows.length, () => describeRows(rows));
    observers.wrote(this.#process, seq, rows);
    this.#batches.push({ seq, rows });
    this.commit();
  }

  /** Group commit: whatever has gathered while the last sync ran goes down with one. A paused process begins none. */
  commit(): void {
    const batches = this.#batches;
    if (this.#syncing || batches.length === 0 || this.#process.paused) return;
    this.#batches = [];
    this.#syncing = true;
    const { disk } = this.#process;
    if (!batches.every(({ rows }) => disk.write(rows))) return this.#later(0, this.#poisoned);
    const { syncFloorMs, syncMeanMs } = this.#parts.pace;
    const takes = (syncFloorMs + this.#parts.random.exponential(syncMeanMs)) * this.slowness;
    this.#later(takes, () => {
      if (!disk.sync()) return this.#poisoned();
      this.#synced(batches.at(-1)!.seq);
    });
  }

  /** Looks how full the disk is and tells the machine when it crosses its low-water mark, either way. */
  watchRoom(): void {
    const low = this.#process.disk.isLow();
    if (low === this.#low) return;
    this.#low = low;
    this.#process.deliver({ type: 'diskLow', low });
  }

  read(id: number, rows: readonly string[]): void {
    this.#later(this.#readTime(), () => {
      const values = rows.map((row) => this.#process.disk.read(row));
      this.#world.observers.readRows(this.#process, rows, values);
      this.#process.deliver({ type: 'rows', id, rows: values });
    });
  }

  scan({ id, after, until, rowsMax, bytesMax }: Extract<Effect, { type: 'scan' }>): void {
    this.#later(this.#readTime(), () => {
      const page = this.#process.disk.scan(after, until, rowsMax, bytesMax);
      this.#process.deliver({ type: 'scanned', id, ...page });
    });
  }

  #synced(seq: number): void {
    const { trace, scheduler, observers } = this.#world;
    this.#syncing = false;
    this.watchRoom();
    trace.note(scheduler.now, 'durable', this.#process.index, seq);
    observers.durable(this.#process, seq);
    this.#process.deliver({ type: 'written', seq });
    this.commit();
  }

  #readTime(): number {
    return this.#parts.random.exponential(this.#parts.pace.readMeanMs) * this.slowness;
  }

  /** Runs `run` after `delayMs` unless the process has died by then. */
  #later(delayMs: number, run: () => void): void {
    const { life } = this.#process;
    this.#world.scheduler.after(delayMs, () => {
      if (life === this.#process.life) run();
    });
  }
}
