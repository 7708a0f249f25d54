import { Leaves } from '@starling/core/antientropy/leaves.ts';
import { recordHash, sameHash } from '@starling/core/antientropy/record-hash.ts';
import { decodeRecord } from '@starling/core/codec/record.ts';
import type { NodeEvent } from '@starling/core/node/event.ts';
import { type BucketRange, bucketCount } from '@starling/core/ring/bucket-range.ts';
import { keyRefOfRow } from '@starling/core/ring/key.ts';
import type { SipTag } from '@starling/core/ring/siphash.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';
import { isRecordRow } from './i11-convergence.ts';

const everything: readonly BucketRange[] = [{ from: 0, to: bucketCount - 1 }];

/**
 * I40: at rest, a hash tree that its node holds for whole is that of the records on its disk; with I11 it follows that any
 * two replicas have one hash of what they share. And where no disk changes rows behind its node's back, no audit ever finds
 * a leaf that does not tell them. Observes the rows of every disk, and what nodes report.
 */
export class TreesTellRows implements Checker {
  readonly id = 'I40';
  readonly #context: CheckContext;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  event(process: SimProcess, event: NodeEvent): void {
    if (event.type !== 'warning' || event.code !== 'tree_put_right') return;
    const damage = (this.#context.world.options.faults['disk.corruptRow'] ?? 0) > 0;
    ensure(this.id, damage, () => `${process.nodeId}: ${event.message}, and no row was damaged`);
  }

  quiesced(): void {
    for (const process of this.#context.world.processes) {
      const root = process.machine?.treeRoot(everything) ?? null;
      const rows = root === null ? null : rootOfDisk(process);
      if (root === null || rows === null) continue;
      ensure(
        this.id,
        sameHash(root, rows),
        () => `the hash tree of ${process.nodeId} is not that of the records on its disk`,
      );
    }
  }
}

/** The root of a tree made of the rows alone; null where one of them is damaged. */
function rootOfDisk({ disk }: SimProcess): SipTag | null {
  const leaves = new Leaves();
  for (const row of disk.durableRows()) {
    const ref = isRecordRow(row) ? keyRefOfRow(row) : null;
    if (ref === null) continue;
    const bytes = disk.read(row);
    const record = bytes instanceof Uint8Array ? decodeRecord(bytes) : null;
    if (record === null) return null;
    leaves.toggle(ref.bucket, recordHash(ref, record));
  }
  return leaves.root(everything);
}
