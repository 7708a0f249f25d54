import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** How often the delay is sampled, in ms; each sample includes this wait itself. */
const resolutionMs = 20;
/** How long a monitor collects before its samples are thrown away, in seconds. */
const spanSeconds = 20;

/**
 * Event-loop delay of the recent past. The platform's monitor only sums up since its last reset, so two take turns:
 * the one read from is always between ten and twenty seconds old (younger only after the start).
 */
export class LoopDelay {
  readonly #monitors: readonly [IntervalHistogram, IntervalHistogram];
  #seconds = 0;

  constructor() {
    this.#monitors = [
      monitorEventLoopDelay({ resolution: resolutionMs }),
      monitorEventLoopDelay({ resolution: resolutionMs }),
    ];
    for (const monitor of this.#monitors) monitor.enable();
  }

  /** 99th percentile in ms, beyond the sampling interval; null before the first sample. */
  p99Ms(): number | null {
    const older = this.#monitors[this.#seconds < spanSeconds / 2 ? 0 : 1];
    return older.count === 0 ? null : Math.max(0, older.percentile(99) / 1e6 - resolutionMs);
  }

  /** Called once a second. */
  advance(): void {
    this.#seconds = (this.#seconds + 1) % spanSeconds;
    if (this.#seconds === 0) this.#monitors[1].reset();
    if (this.#seconds === spanSeconds / 2) this.#monitors[0].reset();
  }

  stop(): void {
    for (const monitor of this.#monitors) monitor.disable();
  }
}
