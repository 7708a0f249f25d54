/**
 * The one timer behind all waits of the machine: set for the earliest of them, and left alone when that moves later,
 * because a tick too many costs less than setting a timer after every step.
 */
export class WakeUp {
  readonly #run: () => void;
  readonly #nowMs: () => number;
  #timer: NodeJS.Timeout | null = null;
  #atMs = 0;

  constructor(run: () => void, nowMs: () => number) {
    this.#run = run;
    this.#nowMs = nowMs;
  }

  /** Sees to it that `run` is called at `atMs` or a little before; null asks for nothing. */
  setFor(atMs: number | null): void {
    if (atMs === null || (this.#timer !== null && this.#atMs <= atMs)) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#atMs = atMs;
    const delayMs = Math.max(0, Math.ceil(atMs - this.#nowMs()));
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#run();
    }, delayMs);
  }

  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
