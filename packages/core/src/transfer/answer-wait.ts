/** Wait for a source that has answered nothing yet, in ms (RFC 6298, 2.1). */
export const firstWaitMs = 1000;
/** Shortest wait, in ms: a source that syncs its disk before it answers is not asked twice for that. */
export const shortestWaitMs = 500;
/** Longest wait, in ms: a source that is back is noticed within it. */
export const longestWaitMs = 10_000;

/**
 * How long one source may be silent before it is asked again: learnt from how long it took to answer, as TCP learns when
 * to send again (RFC 6298), and doubled with each silence, so that one which is slow is not asked ever more often.
 */
export class AnswerWait {
  /** Mean of the times it took, in ms; null before the first. */
  #meanMs: number | null = null;
  /** Mean distance from that mean, in ms. */
  #deviationMs = 0;

  /** It has answered `ms` after it was asked. */
  answered(ms: number): void {
    if (this.#meanMs === null) {
      this.#meanMs = ms;
      this.#deviationMs = ms / 2;
      return;
    }
    this.#deviationMs += (Math.abs(this.#meanMs - ms) - this.#deviationMs) / 4;
    this.#meanMs += (ms - this.#meanMs) / 8;
  }

  /** The wait in ms, when it has been silent so many times in a row. */
  after(silences: number): number {
    const learntMs = this.#meanMs === null ? firstWaitMs : this.#meanMs + 4 * this.#deviationMs;
    return Math.min(Math.max(learntMs, shortestWaitMs) * 2 ** silences, longestWaitMs);
  }
}
