import type { MonoMs, NodeId } from '../base/ids.ts';
import type { Timer, Timers } from '../base/timers.ts';
import { suspicionMs } from './scaling.ts';

export interface SuspicionTerms {
  readonly minMs: number;
  readonly maxMs: number;
  /** Confirmations that shorten the wait to `minMs`; with 0 it is `minMs` from the start. */
  readonly wanted: number;
  /** See `SwimTuning.stallMs`. */
  readonly stallMs: number;
}

/** Times that a suspect is called within the shortest wait. */
const callsPerMinimum = 3;

/**
 * One member under suspicion: a wait that ends in its death unless cancelled, and that shrinks as others confirm
 * (Lifeguard §IV-B). One voice per accuser; the first accuser starts the wait and never counts as confirmation.
 */
export class Suspicion {
  readonly #timers: Timers;
  readonly #terms: SuspicionTerms;
  readonly #accusers: Set<NodeId>;
  readonly #onEnd: () => void;
  readonly #calls: Timer;
  readonly #startedAt: MonoMs;
  #dueAt: MonoMs;
  #timer: Timer;
  #graced = false;

  /**
   * `onCall` is to tell the suspect itself, again and again until the end. The first call leaves gossip time to bring
   * the refutation, so it is seldom needed; it saves those whom gossip has passed by, which a bounded number of
   * retransmits makes likely somewhere in a large cluster.
   */
  constructor(timers: Timers, terms: SuspicionTerms, accuser: NodeId, onCall: () => void, onEnd: () => void) {
    this.#timers = timers;
    this.#terms = terms;
    this.#accusers = new Set([accuser]);
    this.#onEnd = onEnd;
    this.#startedAt = timers.now;
    this.#dueAt = this.#startedAt + suspicionMs(terms.minMs, terms.maxMs, terms.wanted, 0);
    this.#timer = this.#arm();
    const callEveryMs = terms.minMs / callsPerMinimum;
    this.#calls = timers.every(callEveryMs, callEveryMs, onCall);
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
    this.#timer.cancel();
    this.#timer = this.#arm();
    return true;
  }

  cancel(): void {
    this.#timer.cancel();
    this.#calls.cancel();
  }

  #arm(): Timer {
    return this.#timers.after(this.#dueAt - this.#timers.now, () => this.#end());
  }

  /**
   * A wait that ends late was slept through: the refutation may lie unread in a socket while timers run first. So
   * the member gets the shortest wait again, once, in which what has queued up is read.
   */
  #end(): void {
    const stalled = this.#timers.now - this.#dueAt > this.#terms.stallMs;
    if (!stalled || this.#graced) {
      this.#calls.cancel();
      return this.#onEnd();
    }
    this.#graced = true;
    this.#dueAt = this.#timers.now + this.#terms.minMs;
    this.#timer = this.#arm();
  }
}
