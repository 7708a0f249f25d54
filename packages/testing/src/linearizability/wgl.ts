/**
 * The linearizability checker: the tree search of Wing and Gong (JPDC 1993) with Lowe's memory of configurations
 * ("Testing for linearizability", CCPE 2017). Every call and return is an entry of a doubly linked list in order of
 * time. An operation may be placed next if its call stands before the first return; placing it lifts both entries out
 * of the list; a return met on the way means that its operation had to be placed already, so the search steps back.
 *
 * Gets that fit the present state are placed at once and never reconsidered: whatever order follows, moving such a
 * get to the front of it changes no state and breaks no real-time order.
 */
import { type Operation, open } from './history.ts';
import { ConfigurationSet } from './memo.ts';
import type { SequentialModel } from './register-model.ts';

/** Entries looked at before a search gives up: seconds of work, where a sane history of 300 operations takes thousands. */
export const searchStepsMax = 20_000_000;

export type Verdict =
  /** `order`: ids in one order that explains everything observed. */
  | { readonly kind: 'linearizable'; readonly order: readonly number[]; readonly steps: number }
  /** `longest`: the longest explanation found; `stuck`: the operation that fits nowhere after it. */
  | {
      readonly kind: 'violation';
      readonly longest: readonly number[];
      readonly stuck: number;
      readonly steps: number;
    }
  /** The limit was reached: a failure of the run's design, never a pass. */
  | { readonly kind: 'undecided'; readonly steps: number };

/** Decides whether one key's history is linearizable. Operations that are `open` may be placed or left out. */
export function checkLinearizable(
  operations: readonly Operation[],
  model: SequentialModel,
  stepsMax: number = searchStepsMax,
): Verdict {
  return new Search(operations, model).run(stepsMax);
}

/** The list's anchor, before the first entry. */
const head = 0;
/** Past the last entry. */
const end = -1;

class Search {
  readonly #operations: readonly Operation[];
  readonly #model: SequentialModel;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** Per entry: operation index × 2, plus 1 for a return. */
  readonly #entry: Int32Array;
  readonly #callEntry: Int32Array;
  /** 0 for an open operation. */
  readonly #returnEntry: Int32Array;
  /** Per open operation: the one called last before it that is open and does the same; −1 if there is none. */
  readonly #twin: Int32Array;
  readonly #zobrist: Uint32Array;
  readonly #placed: Uint32Array;
  readonly #visited: ConfigurationSet;
  /** Operations in the order placed; the state before each. */
  readonly #stack: Int32Array;
  readonly #states: Int32Array;
  #depth = 0;
  #hash = 0;
  #state: number;
  #left = 0;
  #steps = 0;
  #longest: number[] = [];
  #stuck = -1;

  constructor(operations: readonly Operation[], model: SequentialModel) {
    const count = operations.length;
    this.#operations = operations;
    this.#model = model;
    this.#state = model.initial;
    this.#next = new Int32Array(2 * count + 1).fill(end);
    this.#previous = new Int32Array(2 * count + 1);
    this.#entry = new Int32Array(2 * count + 1);
    this.#callEntry = new Int32Array(count);
    this.#returnEntry = new Int32Array(count);
    this.#twin = twins(operations);
    this.#stack = new Int32Array(count);
    this.#states = new Int32Array(count);
    this.#zobrist = zobristKeys(count);
    this.#placed = new Uint32Array((count + 31) >>> 5);
    this.#visited = new ConfigurationSet(this.#placed.length);
    this.#link();
  }

  run(stepsMax: number): Verdict {
    this.#settle();
    let entry = this.#next[head]!;
    while (this.#left > 0) {
      if (++this.#steps > stepsMax) return { kind: 'undecided', steps: this.#steps };
      // Never past the end: while a completed operation is left, its return stands ahead.
      const code = this.#entry[entry]!;
      if ((code & 1) === 0) {
        entry = this.#tryWrite(code >>> 1) ? this.#next[head]! : this.#next[entry]!;
        continue;
      }
      this.#noteDeadEnd(code >>> 1);
      const write = this.#stepBack();
      if (write < 0) return this.#violation();
      entry = this.#next[this.#callEntry[write]!]!;
    }
    return { kind: 'linearizable', order: this.#order(), steps: this.#steps };
  }

  /** Builds the list: entries by time, and at one time calls before returns, so that touching intervals overlap. */
  #link(): void {
    const codes: number[] = [];
    const time = (code: number) => {
      const operation = this.#operations[code >>> 1]!;
      return (code & 1) === 0 ? operation.calledAt : operation.returnedAt;
    };
    this.#operations.forEach((operation, index) => {
      codes.push(index * 2);
      if (operation.returnedAt === open) return;
      codes.push(index * 2 + 1);
      this.#left++;
    });
    codes.sort((a, b) => time(a) - time(b) || (a & 1) - (b & 1) || a - b);
    codes.forEach((code, position) => {
      const entry = position + 1;
      this.#entry[entry] = code;
      this.#previous[entry] = entry - 1;
      this.#next[entry - 1] = entry;
      if ((code & 1) === 0) this.#callEntry[code >>> 1] = entry;
      else this.#returnEntry[code >>> 1] = entry;
    });
  }

  /** Places a write unless that leads to a configuration already known to fail. */
  #tryWrite(index: number): boolean {
    const operation = this.#operations[index]!;
    if (this.#model.observes(operation)) return false;
    const state = this.#model.apply(this.#state, operation);
    if (state < 0 || (operation.returnedAt === open && this.#isIdle(index, state))) return false;
    this.#place(index, state);
    this.#settle();
    if (this.#visited.add(this.#placed, this.#state, this.#hash)) return true;
    this.#stepBack();
    return false;
  }

  /**
   * Whether nothing is lost by leaving an open operation where it is: it would change nothing now and may come later, or
   * an earlier call that does the same is still there to take its place. Unknown deletes, which no value tells
   * apart, would otherwise be tried in every order.
   */
  #isIdle(index: number, state: number): boolean {
    const twin = this.#twin[index]!;
    return state === this.#state || (twin >= 0 && !this.#isPlaced(twin));
  }

  #isPlaced(index: number): boolean {
    return (this.#placed[index >>> 5]! & (1 << (index & 31))) !== 0;
  }

  /** Places every get that fits and whose call stands before the first return, until none is left. */
  #settle(): void {
    let entry = this.#next[head]!;
    while (entry !== end) {
      this.#steps++;
      const code = this.#entry[entry]!;
      if ((code & 1) === 1) return;
      const operation = this.#operations[code >>> 1]!;
      const before = this.#previous[entry]!;
      const fits = this.#model.observes(operation) && this.#model.apply(this.#state, operation) >= 0;
      if (fits) this.#place(code >>> 1, this.#state);
      entry = this.#next[fits ? before : entry]!;
    }
  }

  #place(index: number, state: number): void {
    this.#stack[this.#depth] = index;
    this.#states[this.#depth] = this.#state;
    this.#depth++;
    this.#state = state;
    this.#flip(index);
    this.#unlink(this.#callEntry[index]!);
    if (this.#returnEntry[index] === 0) return;
    this.#unlink(this.#returnEntry[index]!);
    this.#left--;
  }

  /** Undoes the last write and the gets placed after it; the write's index, or −1 if there was none. */
  #stepBack(): number {
    while (this.#depth > 0) {
      const index = this.#stack[--this.#depth]!;
      this.#state = this.#states[this.#depth]!;
      this.#flip(index);
      if (this.#returnEntry[index] !== 0) {
        this.#relink(this.#returnEntry[index]!);
        this.#left++;
      }
      this.#relink(this.#callEntry[index]!);
      if (!this.#model.observes(this.#operations[index]!)) return index;
    }
    return -1;
  }

  #flip(index: number): void {
    const word = index >>> 5;
    this.#placed[word] = this.#placed[word]! ^ (1 << (index & 31));
    this.#hash ^= this.#zobrist[index]!;
  }

  #unlink(entry: number): void {
    const before = this.#previous[entry]!;
    const after = this.#next[entry]!;
    this.#next[before] = after;
    if (after !== end) this.#previous[after] = before;
  }

  #relink(entry: number): void {
    const before = this.#previous[entry]!;
    const after = this.#next[entry]!;
    this.#next[before] = entry;
    if (after !== end) this.#previous[after] = entry;
  }

  #noteDeadEnd(stuck: number): void {
    if (this.#stuck >= 0 && this.#depth <= this.#longest.length) return;
    this.#longest = this.#order();
    this.#stuck = this.#operations[stuck]!.id;
  }

  #order(): number[] {
    return Array.from(this.#stack.subarray(0, this.#depth), (index) => this.#operations[index]!.id);
  }

  #violation(): Verdict {
    return { kind: 'violation', longest: this.#longest, stuck: this.#stuck, steps: this.#steps };
  }
}

function twins(operations: readonly Operation[]): Int32Array {
  const twin = new Int32Array(operations.length).fill(-1);
  const newest = new Map<string, number>();
  const byCall = operations.map((_, index) => index);
  byCall.sort((a, b) => operations[a]!.calledAt - operations[b]!.calledAt || a - b);
  for (const index of byCall) {
    const { kind, value, expected, returnedAt } = operations[index]!;
    if (returnedAt !== open) continue;
    const name = `${kind} ${value} ${expected}`;
    twin[index] = newest.get(name) ?? -1;
    newest.set(name, index);
  }
  return twin;
}

/** One fixed pseudo-random word per operation (xorshift32; any distinct-looking words do). */
function zobristKeys(count: number): Uint32Array {
  const keys = new Uint32Array(count);
  let word = 0x2545f491;
  for (let index = 0; index < count; index++) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    keys[index] = word;
  }
  return keys;
}
