import type { NodeId } from '../base/ids.ts';
import type { Dot } from '../causality/record.ts';
import { type KeyRef, keyRefOfRow } from '../ring/key.ts';
import { unsettledPrefix } from '../ring/rows.ts';
import type { HintRows, HintStore } from './hint-store.ts';

const nothing = new Uint8Array(0);

/** Rows to remove that are held back for the next batch; over it they go at once. */
const doomedRowsMax = 512;

/**
 * Own writes on their way. The note goes down in the batch of the write itself, so a crash between the client's
 * acknowledgement and the last replica's cannot leave a replica behind that nobody remembers: whatever is still
 * noted at boot becomes hints for all other replicas of its key.
 */
export class UnsettledLog {
  readonly #rows: HintRows;
  readonly #hints: HintStore;
  /** Notes no longer needed. Their removal is not urgent, so it rides along with a later write's batch. */
  #doomed: string[] = [];
  /** Keys of notes found at boot, until the ring says who their replicas are. */
  #found: { readonly row: string; readonly ref: KeyRef }[] = [];
  readonly #open = new Map<string, number>();

  constructor(rows: HintRows, hints: HintStore) {
    this.#rows = rows;
    this.#hints = hints;
  }

  /** Takes in one row found at boot; false if it is none of ours. */
  restore(row: string): boolean {
    if (!row.startsWith(unsettledPrefix)) return false;
    const end = row.indexOf('/', unsettledPrefix.length);
    const ref = end < 0 ? null : keyRefOfRow(row.slice(end + 1));
    if (ref === null) return false;
    this.#found.push({ row, ref });
    return true;
  }

  /** Whether a write of this key is still on its way. */
  holds(ref: KeyRef): boolean {
    return this.#open.has(ref.row) || this.#found.some((found) => found.ref.row === ref.row);
  }

  begin(dot: Dot, ref: KeyRef): void {
    this.flush();
    this.#open.set(ref.row, (this.#open.get(ref.row) ?? 0) + 1);
    this.#rows.stage(rowOf(dot, ref), nothing);
  }

  settle(dot: Dot, ref: KeyRef, missing: readonly NodeId[]): void {
    const left = (this.#open.get(ref.row) ?? 1) - 1;
    if (left === 0) this.#open.delete(ref.row);
    else this.#open.set(ref.row, left);
    for (const target of missing) this.#hints.add(target, ref);
    this.#doomed.push(rowOf(dot, ref));
    // The hints must be durable no later than the note is gone: both are in one batch, or the hints in an earlier one.
    if (this.#doomed.length >= doomedRowsMax) this.flush();
  }

  /** Removes the notes of settled writes, with this step's batch. */
  flush(): void {
    if (this.#doomed.length === 0) return;
    for (const row of this.#doomed) this.#rows.stage(row, null);
    this.#doomed = [];
  }

  /** The ring is known: what the last life left on its way is owed to every other replica. */
  adopt(replicasOf: (ref: KeyRef) => readonly NodeId[], self: NodeId): void {
    for (const { row, ref } of this.#found) {
      for (const target of replicasOf(ref)) if (target !== self) this.#hints.add(target, ref);
      this.#doomed.push(row);
    }
    this.#found = [];
    this.flush();
  }
}

function rowOf(dot: Dot, ref: KeyRef): string {
  return `${unsettledPrefix}${dot.counter.toString(36)}/${ref.row}`;
}
