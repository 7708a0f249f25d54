import type { Bucket } from '../base/ids.ts';
import type { StoredRecord } from '../causality/record.ts';
import { type BucketRange, bucketCount } from '../ring/bucket-range.ts';
import type { KeyRef } from '../ring/key.ts';
import { LeafPass, type LeafPassHost } from './leaf-pass.ts';
import { Leaves, sumOf } from './leaves.ts';
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

/** How far a tree is. */
export interface TreeProgress {
  /** It tells what is stored, and is compared. */
  readonly complete: boolean;
  /** Buckets that the pass under way has read: the first since the start, or a check of the tree. Null between two. */
  readonly bucketsRead: number | null;
  /** Buckets to be read again, since what a damaged record had added to them is not known. */
  readonly doubted: number;
}

const everything: BucketRange = { from: 0, to: bucketCount - 1 };

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
  /** Buckets whose leaf may tell something else than the store; each is read again. */
  readonly #doubted = new Set<Bucket>();
  /** Likewise in the leaves of the pass under way. */
  readonly #doubtedInPass = new Set<Bucket>();
  #mending: LeafPass | null = null;

  constructor(host: TreeHost, pauses: AuditPauses) {
    this.#host = host;
    this.#pauses = pauses;
  }

  /** The leaves; null while the first pass since the start is under way, or a bucket is read again. */
  get leaves(): Leaves | null {
    return this.#isComplete && this.#mending === null ? this.#leaves : null;
  }

  get progress(): TreeProgress {
    const doubted = this.#doubted.size + (this.#mending === null ? 0 : 1);
    return {
      complete: this.leaves !== null,
      bucketsRead: this.#pass?.bucketsRead ?? null,
      doubted: this.#isComplete ? doubted : this.#doubtedInPass.size,
    };
  }

  start(): void {
    this.#nextPass(0);
  }

  /** A record has become another; `before` is null where it was damaged and nobody knows what it had added. */
  wrote(ref: KeyRef, before: StoredRecord | null, after: StoredRecord): void {
    if (before === null) return this.#wroteOverDamage(ref);
    const wasThere = before.clock.length > 0;
    const change = sumOf(wasThere ? recordHash(ref, before) : noHash, recordHash(ref, after));
    const records = after.clock.length > 0 ? (wasThere ? 0 : 1) : wasThere ? -1 : 0;
    this.#leaves.toggle(ref.bucket, change, records);
    this.#pass?.wrote(ref, change, records);
    this.#mending?.wrote(ref, change, records);
  }

  /** Only this bucket is worked out anew: a pass begun again for each damaged record might never come to its end. */
  #wroteOverDamage(ref: KeyRef): void {
    if (this.#pass?.wroteOverDamage(ref)) this.#doubtedInPass.add(ref.bucket);
    if (!this.#isComplete) return;
    this.#mending?.wroteOverDamage(ref);
    this.#doubted.add(ref.bucket);
    this.#mendNext();
  }

  #mendNext(): void {
    if (this.#mending !== null) return;
    const [bucket] = this.#doubted;
    if (bucket === undefined) return;
    this.#doubted.delete(bucket);
    this.#mending = new LeafPass(this.#host, { from: bucket, to: bucket }, 0, () => this.#mended(bucket));
    this.#mending.start();
  }

  #mended(bucket: Bucket): void {
    const { leaves } = this.#mending!;
    this.#mending = null;
    // If another damaged record of it was written meanwhile, it is read once more.
    if (!this.#doubted.has(bucket)) this.#leaves.copy(bucket, leaves);
    this.#mendNext();
  }

  #nextPass(pauseMs: number): void {
    this.#doubtedInPass.clear();
    this.#pass = new LeafPass(this.#host, everything, pauseMs, () => this.#passed());
    this.#pass.start();
  }

  #passed(): void {
    const { leaves } = this.#pass!;
    for (const bucket of this.#doubtedInPass) this.#doubted.add(bucket);
    // Of these it is known already that neither tells what is stored.
    for (const bucket of this.#doubted) this.#leaves.copy(bucket, leaves);
    const wrong = this.#isComplete ? leaves.differences(this.#leaves) : 0;
    this.#leaves = leaves;
    this.#isComplete = true;
    this.#pass = null;
    if (wrong > 0) this.#host.putRight(wrong);
    this.#host.timers.after(this.#pauses.treeAuditEveryMs, () =>
      this.#nextPass(this.#pauses.treeAuditPauseMs),
    );
    this.#mendNext();
  }
}
