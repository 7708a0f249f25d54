import { below } from '../base/random.ts';
import type { RingDoc } from './ring-doc.ts';
import type { RingHost } from './ring-host.ts';

/** A document accepted here whose fate is not known after this long, in ms, is proposed again by this node. */
const settleAfterMs = 3000;

export interface UndecidedRingHost {
  /** What this node, as an owner, has accepted for the next epoch; null if nothing. */
  accepted(): RingDoc | null;
  propose(doc: RingDoc): void;
}

/**
 * What was accepted here may have been chosen and its proposer lost before anyone heard. It is brought to an end by
 * whoever holds it, so that an epoch never stays half decided for want of somebody who wants a change.
 */
export class UndecidedRing {
  readonly #node: Pick<RingHost, 'timers' | 'random'>;
  readonly #host: UndecidedRingHost;
  /** What was undecided when last looked. */
  #before: RingDoc | null = null;

  constructor(node: Pick<RingHost, 'timers' | 'random'>, host: UndecidedRingHost) {
    this.#node = node;
    this.#host = host;
  }

  start(): void {
    const { timers, random } = this.#node;
    timers.every(settleAfterMs, below(random, settleAfterMs), () => this.#settle());
  }

  /** Accepted here, and not known to be chosen; null if there is nothing of the kind. */
  get doc(): RingDoc | null {
    return this.#host.accepted();
  }

  #settle(): void {
    const { doc } = this;
    if (doc !== null && doc === this.#before) this.#host.propose(doc);
    this.#before = doc;
  }
}
