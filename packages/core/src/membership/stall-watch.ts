import type { MonoMs } from '../base/ids.ts';
import type { Timers } from '../base/timers.ts';

/**
 * Notices that this very process did not run for a while: a busy event loop, a stopped process, a sleeping laptop.
 * After that, timers come due before what has queued up in sockets is read, so that everybody else seems silent. What
 * ends shortly after a stall is therefore no evidence.
 */
export class StallWatch {
  readonly #timers: Timers;
  readonly #stallMs: number;
  #endedAt: MonoMs = Number.NEGATIVE_INFINITY;

  constructor(timers: Timers, stallMs: number) {
    this.#timers = timers;
    this.#stallMs = stallMs;
  }

  /** When the last stall ended; long ago if there was none. */
  get endedAt(): MonoMs {
    return this.#endedAt;
  }

  /** A timer runs that was due at `dueAt`. Timers run in the order they are due, so the latest ones tell first. */
  note(dueAt: MonoMs): void {
    if (this.#timers.now - dueAt > this.#stallMs) this.#endedAt = this.#timers.now;
  }
}
