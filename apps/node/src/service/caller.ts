/**
 * Whoever waits for an answer. An `AbortSignal` says the same, but costs more than a read of a hot record, and there
 * is one for every request.
 */
export class Caller {
  #gone = false;
  #then: (() => void)[] | null = null;

  get gone(): boolean {
    return this.#gone;
  }

  /** Runs `run` when the caller goes, at once if it has gone. */
  whenGone(run: () => void): void {
    if (this.#gone) run();
    else if (this.#then === null) this.#then = [run];
    else this.#then.push(run);
  }

  /** The caller has gone: nobody reads the answer. */
  leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    for (const run of this.#then ?? []) run();
    this.#then = null;
  }
}

/** A caller that goes when the signal is aborted; one that stays where there is no signal. */
export function callerOf(signal: AbortSignal | undefined): Caller {
  const caller = new Caller();
  if (signal?.aborted === true) caller.leave();
  else signal?.addEventListener('abort', () => caller.leave(), { once: true });
  return caller;
}
