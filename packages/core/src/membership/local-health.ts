/**
 * How far this node trusts itself (Lifeguard §IV-A, "local health aware probe"). A slow process sees others as
 * silent; the worse it does, the longer it waits before it accuses.
 */
export class LocalHealth {
  readonly #multiplierMax: number;
  #score = 0;

  /** Scores run from 0 (healthy) to `multiplierMax − 1`. */
  constructor(multiplierMax: number) {
    this.#multiplierMax = multiplierMax;
  }

  get score(): number {
    return this.#score;
  }

  /** Adds `delta` (negative when things went well), within the bounds. */
  note(delta: number): void {
    this.#score = Math.min(this.#multiplierMax - 1, Math.max(0, this.#score + delta));
  }

  /** Stretches a wait by the score: from `ms` up to `ms × multiplierMax`. */
  scaled(ms: number): number {
    return ms * (this.#score + 1);
  }
}
