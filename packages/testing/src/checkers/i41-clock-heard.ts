import type { StoredRecord } from '@starling/core/causality/record.ts';
import type { Applied } from '../ghost/causal-ghost.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/**
 * I41: a node's clock covers the clock of every record it has stored in its present life, and tells of no write that
 * was never made. Observes what each process writes, and all dots that were ever minted.
 */
export class ClockHeard implements Checker {
  readonly id = 'I41';
  readonly #context: CheckContext;
  /** Highest counter of each actor that anybody was seen to write. */
  readonly #made = new Map<string, number>();
  /** What each process has stored in its present life. */
  readonly #heard: Map<string, number>[] = [];

  constructor(context: CheckContext) {
    this.#context = context;
  }

  booted({ index }: SimProcess): void {
    this.#heard[index] = new Map();
  }

  applied({ process, after }: Applied): void {
    raise(this.#made, after);
    const heard = this.#heard[process.index];
    if (heard !== undefined) raise(heard, after);
  }

  quiesced(): void {
    for (const { nodeId, index, machine } of this.#context.world.processes) {
      if (machine === null) continue;
      const told = new Map(machine.clock().map(({ actor, counter }) => [actor as string, counter]));
      for (const [actor, counter] of this.#heard[index] ?? [])
        ensure(
          this.id,
          (told.get(actor) ?? 0) >= counter,
          () => `${nodeId} has not heard of ${actor}:${counter}`,
        );
      for (const [actor, counter] of told)
        ensure(
          this.id,
          counter <= (this.#made.get(actor) ?? 0),
          () => `${nodeId} has heard of ${actor}:${counter}, which was never written`,
        );
    }
  }
}

function raise(counters: Map<string, number>, { clock }: StoredRecord): void {
  for (const { actor, counter } of clock)
    if ((counters.get(actor) ?? 0) < counter) counters.set(actor, counter);
}
