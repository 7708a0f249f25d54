import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { LatencyStats } from '@starling/core';

/** Seconds that the figures of a node look back on. */
export const windowSeconds = 10;

/** Longest latency told apart, in µs: over the longest deadline a client can ask for. */
const latencyUsMax = 120_000_000;

/** Latencies of the last ten seconds in one-second slots: each is an HDR histogram, so percentiles merge exactly. */
export class LatencyWindow {
  readonly #slots: RecordableHistogram[] = Array.from({ length: windowSeconds }, newHistogram);
  /** Slots that have been filled so far, the current one included. */
  #filled = 1;
  #current = 0;

  record(ms: number): void {
    this.#slots[this.#current]!.record(Math.min(latencyUsMax, Math.max(1, Math.round(ms * 1000))));
  }

  /** Figures of the window up to now. Percentiles are 0 when nothing happened. */
  stats(): LatencyStats {
    const merged = newHistogram();
    for (const slot of this.#slots) merged.add(slot);
    const at = (percentile: number) => (merged.count === 0 ? 0 : merged.percentile(percentile) / 1000);
    return { perSecond: merged.count / this.#filled, p50Ms: at(50), p99Ms: at(99), p999Ms: at(99.9) };
  }

  /** A second has passed: the oldest slot becomes the current one, empty. */
  advance(): void {
    this.#current = (this.#current + 1) % windowSeconds;
    this.#slots[this.#current]!.reset();
    this.#filled = Math.min(windowSeconds, this.#filled + 1);
  }
}

function newHistogram(): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: latencyUsMax, figures: 3 });
}
