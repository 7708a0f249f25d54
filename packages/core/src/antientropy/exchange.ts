import type { Timers } from '../base/timers.ts';
import type { SipTag } from '../ring/siphash.ts';
import { type Difference, type ListingHost, listBucket } from './bucket-listing.ts';
import { type BreakReason, Descent, type SharedBuckets } from './descent.ts';
import type { RepairPace } from './repair-budget.ts';

/** Which way records go: to this node, to the peer; with `dryRun` none does, and it is only counted what would. */
export interface RepairAim {
  readonly pull: boolean;
  readonly push: boolean;
  readonly dryRun: boolean;
}

/** Of one key: what this node lacked was stored here, what the peer lacked was stored there. */
export interface Repaired {
  readonly pulled: boolean;
  readonly pushed: boolean;
}

/** What an exchange needs of the node. */
export interface ExchangeHost extends ListingHost {
  readonly timers: Timers;
  /** How fast it may go now. */
  pace(): RepairPace;
  /** Brings both nodes' records of one key together, as far as `aim` allows. */
  repair(
    difference: Difference,
    shared: SharedBuckets,
    aim: RepairAim,
    done: (repaired: Repaired) => void,
  ): void;
}

/** How far an exchange is. */
export interface ExchangeProgress {
  /** Buckets that differed, and how many of them are done. */
  buckets: number;
  bucketsDone: number;
  /** Keys that were found to differ, and what became of them. */
  keys: number;
  pulled: number;
  pushed: number;
}

/** How an exchange ended: both are equal, what differed was gone through, or it was broken off. */
export type ExchangeEnd =
  | { readonly end: 'equal'; readonly root: SipTag }
  | { readonly end: 'repaired'; readonly differing: ReadonlySet<number> }
  | { readonly end: 'brokenOff'; readonly reason: BreakReason };

/**
 * One comparison with one peer: down the trees, and after a pause through the records of the buckets that differed, which
 * are brought together. The pause is why a write on its way is no difference: by then both have it, or it needs repair.
 * Nothing is minted: records are merged.
 */
export class Exchange {
  readonly #host: ExchangeHost;
  readonly #shared: SharedBuckets;
  readonly #aim: RepairAim;
  readonly #pauseMs: number;
  readonly #ended: (end: ExchangeEnd) => void;
  #isOver = false;
  #buckets: readonly number[] = [];
  #differing: ReadonlySet<number> = new Set();
  #begun = 0;
  #isResting = false;
  /** Found and not begun with yet, from at most as many pages as buckets may be compared at once; `done` belongs to the page. */
  readonly #waiting: { readonly difference: Difference; readonly done: () => void }[] = [];
  #repairing = 0;
  readonly progress: ExchangeProgress = { buckets: 0, bucketsDone: 0, keys: 0, pulled: 0, pushed: 0 };

  constructor(
    host: ExchangeHost,
    shared: SharedBuckets,
    aim: RepairAim,
    pauseMs: number,
    ended: (end: ExchangeEnd) => void,
  ) {
    this.#host = host;
    this.#shared = shared;
    this.#aim = aim;
    this.#pauseMs = pauseMs;
    this.#ended = ended;
  }

  start(): void {
    new Descent(this.#host, this.#shared, (found) => {
      if (found.end !== 'differ') return this.#end(found);
      this.#buckets = found.buckets;
      this.#differing = found.differing;
      this.progress.buckets = found.buckets.length;
      this.#host.timers.after(this.#pauseMs, () => this.#nextBuckets());
    }).start();
  }

  #nextBuckets(): void {
    const { progress } = this;
    if (progress.bucketsDone === this.#buckets.length)
      return this.#end({ end: 'repaired', differing: this.#differing });
    if (this.#isResting) return;
    const { bucketsAtOnce, pauseMs } = this.#host.pace();
    while (this.#begun < this.#buckets.length && this.#begun - progress.bucketsDone < bucketsAtOnce) {
      this.#compareBucket(this.#buckets[this.#begun++]!, '');
      if (pauseMs > 0) return this.#rest(pauseMs);
    }
  }

  /** Begins with no bucket for so long. */
  #rest(pauseMs: number): void {
    this.#isResting = true;
    this.#host.timers.after(pauseMs, () => {
      this.#isResting = false;
      if (!this.#isOver) this.#nextBuckets();
    });
  }

  #compareBucket(bucket: number, after: string): void {
    listBucket(this.#host, this.#shared, bucket, after, (page) => {
      if (this.#isOver) return;
      if ('brokenOff' in page) return this.#end({ end: 'brokenOff', reason: page.brokenOff });
      const { found, next } = page;
      this.progress.keys += found.length;
      this.#repairAll(found, () => {
        if (next !== null) return this.#compareBucket(bucket, next);
        this.progress.bucketsDone++;
        this.#nextBuckets();
      });
    });
  }

  #repairAll(found: readonly Difference[], done: () => void): void {
    if (found.length === 0) return done();
    let left = found.length;
    const oneDone = () => {
      if (--left === 0) done();
    };
    for (const difference of found) this.#waiting.push({ difference, done: oneDone });
    this.#nextRepairs();
  }

  #nextRepairs(): void {
    const { repairsAtOnce } = this.#host.pace();
    while (this.#repairing < repairsAtOnce && this.#waiting.length > 0) {
      const { difference, done } = this.#waiting.shift()!;
      this.#repairing++;
      this.#host.repair(difference, this.#shared, this.#aim, ({ pulled, pushed }) => {
        this.#repairing--;
        if (this.#isOver) return;
        if (pulled) this.progress.pulled++;
        if (pushed) this.progress.pushed++;
        this.#nextRepairs();
        done();
      });
    }
  }

  #end(end: ExchangeEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended(end);
  }
}
