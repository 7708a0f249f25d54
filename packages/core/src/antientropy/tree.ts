import type { StoredRecord } from '../causality/record.ts';
import type { KeyRef } from '../ring/key.ts';
import { LeafPass, type LeafPassHost } from './leaf-pass.ts';
import { Leaves } from './leaves.ts';
import { noHash, recordHash } from './record-hash.ts';

export interface TreeHost extends LeafPassHost {
  /** The leaves did not tell what is stored: so many buckets were put right. */
  putRight(buckets: number): void;
}

export interface AuditPauses {
  /** Between the end of one slow pass over the store and the beginning of the next. */
  readonly treeAuditEveryMs: number;
  /** Between two pages of such a pass. */
  readonly treeAuditPauseMs: number;
}

/**
 * The hashes of all buckets of this node. They follow every write in memory and are worked out anew from the stored
 * records at each start, so they need no rows of their own and cannot be older than the data. A slow pass goes over
 * the store again and again: it reads every row (damage in one that nobody asks for comes to light) and puts leaves right
 * that have come to say something else.
 */
export class Tree {
  readonly #host: TreeHost;
  readonly #pauses: AuditPauses;
  #leaves = new Leaves();
  #isComplete = false;
  #pass: LeafPass | null = null;

  constructor(host: TreeHost, pauses: AuditPauses) {
    this.#host = host;
    this.#pauses = pauses;
  }

  /** The leaves, or null while the first pass since the start is still under way. */
  get leaves(): Leaves | null {
    return this.#isComplete ? this.#leaves : null;
  }

  start(): void {
    this.#nextPass(0);
  }

  /** A record has become another; `before` is null where it was damaged and nobody knows what it had added. */
  wrote(ref: KeyRef, before: StoredRecord | null, after: StoredRecord): void {
    if (before === null) return this.#nextPass(0);
    const a = before.clock.length === 0 ? noHash : recordHash(ref, before);
    const b = recordHash(ref, after);
    const change = { low: (a.low ^ b.low) >>> 0, high: (a.high ^ b.high) >>> 0 };
    this.#leaves.toggle(ref.bucket, change);
    this.#pass?.wrote(ref, change);
  }

  #nextPass(pauseMs: number): void {
    this.#pass?.stop();
    this.#pass = new LeafPass(this.#host, pauseMs, () => this.#passed());
    this.#pass.start();
  }

  #passed(): void {
    const { leaves } = this.#pass!;
    const wrong = this.#isComplete ? leaves.differences(this.#leaves) : 0;
    this.#leaves = leaves;
    this.#isComplete = true;
    this.#pass = null;
    if (wrong > 0) this.#host.putRight(wrong);
    this.#host.timers.after(this.#pauses.treeAuditEveryMs, () => {
      if (this.#pass === null) this.#nextPass(this.#pauses.treeAuditPauseMs);
    });
  }
}
