import { decodeRecord } from '@starling/core/codec/record.ts';
import { keyRefOfRow } from '@starling/core/ring/key.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';
import { isRecordRow } from './i11-convergence.ts';

const conflictPrefix = 'c/';

/**
 * I39: at rest, a disk lists as conflicts exactly the keys whose records hold two values, or a value and a delete that
 * hides it, of writers who did not know of each other. Observes the rows of every disk.
 */
export class ConflictsListed implements Checker {
  readonly id = 'I39';
  readonly #context: CheckContext;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  quiesced(): void {
    for (const process of this.#context.world.processes) {
      const contested = contestedOn(process);
      if (contested === null) continue;
      const listed = [...process.disk.durableRows()].filter((row) => row.startsWith(conflictPrefix));
      const missing = [...contested].find((row) => !listed.includes(row));
      ensure(
        this.id,
        missing === undefined,
        () => `${process.nodeId} does not list ${missing} as a conflict`,
      );
      const extra = listed.find((row) => !contested.has(row));
      ensure(this.id, extra === undefined, () => `${process.nodeId} lists ${extra}, which is settled`);
    }
  }
}

/** Rows that list what the records of a disk say; null where one of them is damaged, whether that was noticed or not. */
function contestedOn({ machine, disk }: SimProcess): Set<string> | null {
  if (machine?.state !== 'normal' || machine.damagedRecords() > 0) return null;
  if (disk.snapshot().corrupt.size > 0) return null;
  const contested = new Set<string>();
  for (const row of disk.durableRows()) {
    const ref = isRecordRow(row) ? keyRefOfRow(row) : null;
    const siblings = decodeRecord((ref && disk.durable(row)) ?? new Uint8Array())?.siblings ?? [];
    const values = siblings.filter(({ value }) => value !== null).length;
    const hiding = siblings.some(({ value, scoped }) => value === null && !scoped);
    if (ref !== null && (values > 1 || (values === 1 && hiding)))
      contested.add(`${conflictPrefix}${ref.table}/${ref.key}`);
  }
  return contested;
}
