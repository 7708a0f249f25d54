import type { MonoMs, NodeId } from '../base/ids.ts';
import type { Timer, Timers } from '../base/timers.ts';
import { suspicionMs } from './scaling.ts';
import type { StallWatch } from './stall-watch.ts';

export interface SuspicionTerms {
  readonly minMs: number;
  readonly maxMs: number;
  /** Confirmations that shorten the wait to `minMs`; with 0 it is `minMs` from the start. */
  readonly wanted: number;
  /** Time that must have passed since this process last stalled: enough to read what has queued up and to ask again. */
  readonly graceMs: number;
}

/**
 * One member under suspicion: a wait that ends in its death unless cancelled, and that shrinks as others confirm
 * (Lifeguard §IV-B). One voice per accuser; the first accuser starts the wait and never counts as confirmation.
 */
export class Suspicion {
  readonly #timers: Timers;
  readonly #stalls: StallWatch;
  readonly #terms: SuspicionTerms;
  readonly #accusers: Set<NodeId>;
  readonly #onCall: () => void;
  readonly #onEnd: () => void;
  readonly #startedAt: MonoMs;
  #dueAt: MonoMs;
  #end: Timer;
  #graced = false;

  /** `onCall` is to ask the suspect itself for its word, when this process may have slept through it. */
  constructor(
    timers: Timers,
    stalls: StallWatch,
    terms: SuspicionTerms,
    accuser: NodeId,
    onCall: () => void,
    onEnd: () => void,
  ) {
    this.#timers = timers;
    this.#stalls = stalls;
    this.#terms = terms;
    this.#accusers = new Set([accuser]);
    this.#onCall = onCall;
    this.#onEnd = onEnd;
    this.#startedAt = timers.now;
    this.#dueAt = this.#startedAt + suspicionMs(terms.minMs, terms.maxMs, terms.wanted, 0);
    this.#end = this.#awaitEnd();
  }

  /** When the member will be declared dead if nothing more is heard. */
  get dueAt(): MonoMs {
    return this.#dueAt;
  }

  /** Counts an accuser. True if it is a new one that is still wanted: then its word is worth passing on. */
  confirm(by: NodeId): boolean {
    const { minMs, maxMs, wanted } = this.#terms;
    const confirmations = this.#accusers.size - 1;
    if (confirmations >= wanted || this.#accusers.has(by)) return false;
    this.#accusers.add(by);
    if (this.#graced) return true;
    const shorter = this.#startedAt + suspicionMs(minMs, maxMs, wanted, confirmations + 1);
    this.#dueAt = Math.max(this.#timers.now, shorter);
    this.#end.cancel();
    this.#end = this.#awaitEnd();
    return true;
  }

  cancel(): void {
    this.#end.cancel();
  }

  #awaitEnd(): Timer {
    return this.#timers.after(this.#dueAt - this.#timers.now, () => this.#ended());
  }

  /** A wait that this process has partly slept through is prolonged, once: the refutation may lie unread. */
  #ended(): void {
    this.#stalls.note(this.#dueAt);
    const trustedAt = this.#stalls.endedAt + this.#terms.graceMs;
    if (trustedAt <= this.#timers.now || this.#graced) return this.#onEnd();
    this.#graced = true;
    this.#dueAt = trustedAt;
    this.#end = this.#awaitEnd();
    this.#onCall();
  }
}
