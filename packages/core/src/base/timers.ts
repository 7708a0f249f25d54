import type { MonoMs } from './ids.ts';

/** A pending call; `cancel` is free and may be called any number of times. */
export interface Timer {
  readonly at: MonoMs;
  cancel(): void;
}

class Entry implements Timer {
  run: (() => void) | null;

  constructor(
    readonly at: MonoMs,
    readonly order: number,
    run: () => void,
    readonly owner: Timers,
  ) {
    this.run = run;
  }

  cancel(): void {
    if (this.run === null) return;
    this.run = null;
    this.owner.cancelled();
  }
}

/** Cancelled calls are swept out when there are more of them than of the others, and at least so many. */
const sweepAtLeast = 64;

/**
 * Every wait of the machine: a binary heap on (time, order of creation), so equal times run in the order they
 * were set and a run is a function of its inputs alone. The driver asks `next()` when it must send a tick.
 */
export class Timers {
  #now: MonoMs = 0;
  #order = 0;
  #heap: Entry[] = [];
  #dead = 0;

  /** The time of the input being handled. */
  get now(): MonoMs {
    return this.#now;
  }

  /** Moves time forward (never back) without running anything. */
  advance(now: MonoMs): void {
    if (now > this.#now) this.#now = now;
  }

  /** Calls `run` once, `delayMs` from now (0 or more), at a tick. */
  after(delayMs: number, run: () => void): Timer {
    const entry = new Entry(this.#now + Math.max(0, delayMs), this.#order++, run, this);
    this.#push(entry);
    return entry;
  }

  /** Calls `run` every `periodMs` (over 0), first after `firstMs`. A period that was slept through is not made up for. */
  every(periodMs: number, firstMs: number, run: () => void): Timer {
    let current: Timer;
    let cancelled = false;
    const again = () => {
      if (cancelled) return;
      current = this.after(periodMs, again);
      run();
    };
    current = this.after(firstMs, again);
    return {
      at: current.at,
      cancel() {
        cancelled = true;
        current.cancel();
      },
    };
  }

  /** Calls held in memory, cancelled ones included. */
  get size(): number {
    return this.#heap.length;
  }

  /**
   * For entries only: one of them was cancelled. Most waits of a request end long before their time; kept until then,
   * they would be three seconds' worth of requests that the garbage collector has to carry along.
   */
  cancelled(): void {
    this.#dead++;
    if (this.#dead >= sweepAtLeast && this.#dead > this.#heap.length / 2) this.#sweep();
  }

  /** Time of the earliest pending call, or null if there is none. */
  next(): MonoMs | null {
    while (this.#heap.length > 0 && this.#heap[0]!.run === null) {
      this.#pop();
      this.#dead--;
    }
    return this.#heap.length > 0 ? this.#heap[0]!.at : null;
  }

  /** Runs every call that is due. Calls set while running that are due at once run too. */
  runDue(): void {
    for (let at = this.next(); at !== null && at <= this.#now; at = this.next()) {
      const entry = this.#pop();
      const run = entry.run;
      entry.run = null;
      if (run !== null) run();
    }
  }

  #sweep(): void {
    const live = this.#heap.filter((entry) => entry.run !== null);
    // A sorted array is a heap.
    this.#heap = live.sort((a, b) => a.at - b.at || a.order - b.order);
    this.#dead = 0;
  }

  #before(a: Entry, b: Entry): boolean {
    return a.at !== b.at ? a.at < b.at : a.order < b.order;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(entry);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#before(entry, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  #pop(): Entry {
    const heap = this.#heap;
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) this.#sink(last);
    return top;
  }

  #sink(entry: Entry): void {
    const heap = this.#heap;
    const size = heap.length;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#before(heap[child]!, entry)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = entry;
  }
}
