import { formatDot } from '@starling/core/causality/dot.ts';
import type { StoredRecord } from '@starling/core/causality/record.ts';
import { bucketOfRow, durableRecord, type GhostEvent } from '../ghost/causal-ghost.ts';
import type { SimProcess } from '../sim/process.ts';
import { outcomeOf } from '../workload/ledger.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';
import { copiesFor } from './i25-durability-order.ts';

/**
 * I22: a node drops a record only once it is no replica of the key any more, and only when a majority of the replicas
 * durably hold every acknowledged write it carries. Observes each removal of a record row, against all disks.
 */
export class Handover implements Checker {
  readonly id = 'I22';
  readonly #context: CheckContext;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  dropped(process: SimProcess, row: string, before: StoredRecord | null): void {
    const ring = process.machine?.ring() ?? null;
    const bucket = bucketOfRow(row);
    const foreign = ring !== null && !ring.isReplica(process.nodeId, bucket);
    ensure(this.id, foreign, () => `${process.nodeId} dropped ${row}, of which it is a replica`);
    this.#context.markers.reach('record dropped by a former owner');
    const owners = ring!.replicasOf(bucket).current;
    for (const sibling of before?.siblings ?? []) {
      const event = this.#context.ghost.eventOf(formatDot(sibling.dot));
      if (event?.write == null || outcomeOf(event.write) !== 'ok') continue;
      // Of several proposals of one write one was chosen; this may be another, which a lost ballot left here.
      if (before?.vote != null && event.write.dot !== event.dot) continue;
      // A weak level promised fewer copies; what it still owes the others is I23's concern.
      const quorum = Math.floor(owners.length / 2) + 1;
      const needed = Math.min(quorum, copiesFor(event.write.level, owners.length));
      const copies = owners.filter((node) => this.#holds(node, row, event)).length;
      ensure(
        this.id,
        copies >= needed,
        () =>
          `${process.nodeId} dropped ${row} while ${copies} of ${owners.length} replicas hold ${event.dot}`,
      );
    }
  }

  #holds(node: string, row: string, event: GhostEvent): boolean {
    const { world, ghost } = this.#context;
    // It showed what it had; that its disk was damaged since, unseen, is for its own repair to mend.
    if (world.process(node).disk.read(row) === 'corrupt') return true;
    const record = durableRecord(world.process(node), row);
    return record !== null && ghost.downset(record).has(event);
  }
}
