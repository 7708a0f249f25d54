import type { Prng } from './prng.ts';

/** A pending event; `cancel` may be called at any time, any number of times. */
export interface Scheduled {
  readonly at: number;
  cancel(): void;
}

class Entry implements Scheduled {
  constructor(
    readonly at: number,
    readonly tie: number,
    readonly order: number,
    public run: (() => void) | null,
  ) {}

  cancel(): void {
    this.run = null;
  }
}

/**
 * Virtual time: a binary heap on (time, tie, order). With `ties`, events of equal time run in a seeded random order,
 * so that no test passes by the luck of who was first in the queue; without, in the order they were set.
 */
export class Scheduler {
  #now = 0;
  #order = 0;
  #events = 0;
  readonly #heap: Entry[] = [];
  readonly #ties: Prng | null;

  constructor(ties: Prng | null) {
    this.#ties = ties;
  }

  /** Virtual milliseconds since the lifetime began. */
  get now(): number {
    return this.#now;
  }

  /** Events run so far. */
  get events(): number {
    return this.#events;
  }

  get pending(): number {
    return this.#heap.length;
  }

  after(delayMs: number, run: () => void): Scheduled {
    return this.at(this.#now + Math.max(0, delayMs), run);
  }

  /** At an absolute virtual time; a past one means now. */
  at(at: number, run: () => void): Scheduled {
    const tie = this.#ties === null ? 0 : this.#ties.uint32();
    const entry = new Entry(Math.max(at, this.#now), tie, this.#order++, run);
    this.#push(entry);
    return entry;
  }

  /** Runs the next event if it is due by `until`; false if there is none. Time then stands at the event, or at `until`. */
  step(until: number): boolean {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.at > until) {
        this.#now = Math.max(this.#now, until);
        return false;
      }
      this.#pop();
      const run = next.run;
      if (run === null) continue;
      next.run = null;
      this.#now = next.at;
      this.#events++;
      run();
      return true;
    }
  }

  /** Runs everything due by `until`. */
  runUntil(until: number): void {
    while (this.step(until));
  }

  #before(a: Entry, b: Entry): boolean {
    if (a.at !== b.at) return a.at < b.at;
    return a.tie !== b.tie ? a.tie < b.tie : a.order < b.order;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}
