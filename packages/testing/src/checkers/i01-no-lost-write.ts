import { formatDot } from '@starling/core/causality/dot.ts';
import { durableRecord, type GhostEvent } from '../ghost/causal-ghost.ts';
import { outcomeOf } from '../workload/ledger.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/**
 * I1: no acknowledged write is lost. At the end, for every write answered ok, some replica holds its sibling or one
 * whose writer had seen it. Observes the disks' content; what "had seen" means comes from the ghost, not from clocks.
 */
export class NoLostWrite implements Checker {
  readonly id = 'I1';
  readonly #context: CheckContext;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  audit(): void {
    const { ghost, ledger } = this.#context;
    const known = new Set<GhostEvent>();
    for (const row of ghost.rows()) this.#addSurvivors(row, known);
    const survivors = new Set([...known].map((event) => event.write));
    for (const write of ledger.writes) {
      if (outcomeOf(write) !== 'ok') continue;
      const event = ghost.eventOf(write.dot ?? '');
      const alive = event === null ? survivors.has(write) : known.has(event);
      ensure(
        this.id,
        alive,
        () => `${write.kind} ${write.id} of ${write.key} was acknowledged as ${write.dot} and is gone`,
      );
    }
  }

  #addSurvivors(row: string, known: Set<GhostEvent>): void {
    for (const process of this.#context.world.processes) {
      const record = durableRecord(process, row);
      if (record === null) continue;
      for (const event of this.#context.ghost.downset(record)) known.add(event);
      for (const sibling of record.siblings) {
        ensure(
          'I6',
          this.#context.ghost.eventOf(formatDot(sibling.dot)) !== null,
          () => `${process.nodeId} holds an unknown dot in ${row}`,
        );
      }
    }
  }
}
