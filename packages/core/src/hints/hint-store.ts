import type { NodeId } from '../base/ids.ts';
import type { RowWrite } from '../node/effect.ts';
import { type KeyRef, keyRefOfRow } from '../ring/key.ts';
import { hintPrefix } from '../ring/rows.ts';

/** Where hints are kept durably. */
export interface HintRows {
  stage(row: string, value: Uint8Array | null): number;
}

const nothing = new Uint8Array(0);
const owedAllPrefix = 'm/owed/';

interface Hint {
  readonly ref: KeyRef;
  /** Raised whenever the key is owed anew: a delivery under way may carry an older record. */
  times: number;
}

/**
 * Which replicas are owed which keys. A hint names a key, not a version: what is sent is the record as it stands at
 * delivery, so a thousand missed writes of one key are one hint. Over the bound per target the hints give way to one
 * mark that says "everything": the target then gets every record it shares with this node.
 */
export class HintStore {
  readonly #rows: HintRows;
  readonly #perTargetMax: number;
  readonly #targets = new Map<NodeId, Map<string, Hint>>();
  /** Targets owed everything, with how often that was found: a mark set anew during a delivery outlives it. */
  readonly #owedAll = new Map<NodeId, number>();

  constructor(rows: HintRows, perTargetMax: number) {
    this.#rows = rows;
    this.#perTargetMax = perTargetMax;
  }

  /** Takes in one row found at boot; false if it is none of ours. */
  restore(row: string): boolean {
    if (row.startsWith(owedAllPrefix)) {
      this.#owedAll.set(row.slice(owedAllPrefix.length) as NodeId, 1);
      return true;
    }
    if (!row.startsWith(hintPrefix)) return false;
    const end = row.indexOf('/', hintPrefix.length);
    const ref = end < 0 ? null : keyRefOfRow(row.slice(end + 1));
    if (ref === null) return false;
    this.#restoreHint(row.slice(hintPrefix.length, end) as NodeId, ref);
    return true;
  }

  /** The disk may hold more than the bound: it was higher in the last life, or the removal of a hint was lost. */
  #restoreHint(target: NodeId, ref: KeyRef): void {
    const hints = this.#of(target);
    if (hints.size < this.#perTargetMax) return void hints.set(ref.row, { ref, times: 1 });
    this.oweAll(target);
    this.#rows.stage(...hintRow(target, ref, null));
  }

  /** Hints in all, everything-marks counted as one each. */
  get size(): number {
    let total = this.#owedAll.size;
    for (const hints of this.#targets.values()) total += hints.size;
    return total;
  }

  targets(): NodeId[] {
    const targets = [...this.#targets].filter(([, hints]) => hints.size > 0).map(([target]) => target);
    return [...new Set([...targets, ...this.#owedAll.keys()])];
  }

  countFor(target: NodeId): number {
    return this.#targets.get(target)?.size ?? 0;
  }

  /** 0 if the target is not owed everything; else a number that changes whenever more is owed. */
  owesAll(target: NodeId): number {
    return this.#owedAll.get(target) ?? 0;
  }

  /** Notes durably, with this step's batch, that `target` is owed the key. */
  add(target: NodeId, ref: KeyRef): void {
    const hints = this.#of(target);
    const known = hints.get(ref.row);
    if (known !== undefined) {
      known.times++;
      return;
    }
    if (hints.size >= this.#perTargetMax) return this.oweAll(target);
    hints.set(ref.row, { ref, times: 1 });
    this.#rows.stage(...hintRow(target, ref, nothing));
  }

  /** Notes durably, with this step's batch, that `target` is owed every record it shares with this node. */
  oweAll(target: NodeId): void {
    const mark = this.owesAll(target);
    this.#owedAll.set(target, mark + 1);
    if (mark === 0) this.#rows.stage(owedAllPrefix + target, nothing);
  }

  /** How often the target was found to miss the key since the hint was made; 0 without a hint. */
  timesOwed(target: NodeId, ref: KeyRef): number {
    return this.#targets.get(target)?.get(ref.row)?.times ?? 0;
  }

  /**
   * The target durably has the key's record as it stood when `timesOwed` answered `times`, or will never be its replica
   * again. A write it has missed since keeps the hint.
   */
  remove(target: NodeId, ref: KeyRef, times: number): void {
    if (times === 0 || this.timesOwed(target, ref) !== times) return;
    this.#of(target).delete(ref.row);
    this.#rows.stage(...hintRow(target, ref, null));
  }

  /** The target has been sent every record it shares with this node since `owesAll` answered `mark`. */
  removeAllMark(target: NodeId, mark: number): void {
    if (this.#owedAll.get(target) !== mark) return;
    this.#owedAll.delete(target);
    this.#rows.stage(owedAllPrefix + target, null);
  }

  /** Keys that anybody is owed by name, each once. */
  keys(): KeyRef[] {
    const keys = new Map<string, KeyRef>();
    for (const hints of this.#targets.values()) for (const { ref } of hints.values()) keys.set(ref.row, ref);
    return [...keys.values()];
  }

  get owesAnyoneAll(): boolean {
    return this.#owedAll.size > 0;
  }

  /** Whether any node is owed this key: its record must not be dropped. */
  holds(ref: KeyRef): boolean {
    for (const hints of this.#targets.values()) if (hints.has(ref.row)) return true;
    return this.#owedAll.size > 0;
  }

  /** Up to `count` hints of a target, oldest first, leaving out those `busy` says are on their way. */
  next(target: NodeId, count: number, busy: (ref: KeyRef) => boolean): KeyRef[] {
    const picked: KeyRef[] = [];
    for (const { ref } of this.#targets.get(target)?.values() ?? []) {
      if (picked.length >= count) break;
      if (!busy(ref)) picked.push(ref);
    }
    return picked;
  }

  #of(target: NodeId): Map<string, Hint> {
    let hints = this.#targets.get(target);
    if (hints === undefined) {
      hints = new Map();
      this.#targets.set(target, hints);
    }
    return hints;
  }
}

function hintRow(target: NodeId, ref: KeyRef, value: Uint8Array | null): RowWrite {
  return [`${hintPrefix}${target}/${ref.row}`, value];
}
