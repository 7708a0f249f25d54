import type { MonoMs, NodeId } from '../base/ids.ts';
import type { Timer, Timers } from '../base/timers.ts';
import { suspicionMs } from './scaling.ts';
import type { StallWatch } from './stall-watch.ts';

export interface SuspicionTerms {
  readonly minMs: number;
  readonly maxMs: number;
  /** Confirmations that shorten the wait to `minMs`; with 0 it is `minMs` from the start. */
  readonly wanted: number;
  /** Time to ask the suspect once more and to be answered; so long after a stall of this process nothing is trusted. */
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
  #calledAt: MonoMs | null = null;

  /** `onCall` is to ask the suspect itself for its word: shortly before the end, and if this process may have slept through it. */
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

  /** True if a probe by `by` is worth its while: its word would shorten the wait, or there are too few to wait for. */
  isOpenTo(by: NodeId): boolean {
    return this.#terms.wanted === 0 || this.#wants(by);
  }

  /** Counts an accuser. True if it is a new one that is still wanted: then its word is worth passing on. */
  confirm(by: NodeId): boolean {
    const { minMs, maxMs, wanted } = this.#terms;
    if (!this.#wants(by)) return false;
    const confirmations = this.#accusers.size - 1;
    this.#accusers.add(by);
    this.#shorten(suspicionMs(minMs, maxMs, wanted, confirmations + 1));
    return true;
  }

  /** Others have waited to the end: only the shortest wait is left, from its beginning. */
  ripen(): void {
    this.#shorten(this.#terms.minMs);
  }

  cancel(): void {
    this.#end.cancel();
  }

  #wants(by: NodeId): boolean {
    return this.#accusers.size - 1 < this.#terms.wanted && !this.#accusers.has(by);
  }

  #shorten(waitMs: number): void {
    const dueAt = Math.max(this.#timers.now, this.#startedAt + waitMs);
    if (this.#graced || dueAt >= this.#dueAt) return;
    this.#dueAt = dueAt;
    this.#end.cancel();
    this.#end = this.#awaitEnd();
  }

  #awaitEnd(): Timer {
    const leftMs = this.#dueAt - this.#timers.now;
    if (this.#calledAt !== null) return this.#timers.after(leftMs, () => this.#ended());
    return this.#timers.after(leftMs - this.#terms.graceMs, () => {
      this.#call();
      this.#end = this.#awaitEnd();
    });
  }

  #call(): void {
    if (this.#calledAt === this.#timers.now) return;
    this.#calledAt = this.#timers.now;
    this.#onCall();
  }

  /** A wait that this process has partly slept through is prolonged, once: the refutation may lie unread. */
  #ended(): void {
    this.#stalls.note(this.#dueAt);
    const trustedAt = this.#stalls.endedAt + this.#terms.graceMs;
    if (trustedAt <= this.#timers.now || this.#graced) return this.#onEnd();
    this.#graced = true;
    this.#dueAt = trustedAt;
    this.#end = this.#awaitEnd();
    this.#call();
  }
}
