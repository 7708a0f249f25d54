import type { NodeId } from '@starling/core/base/ids.ts';
import { formatDot } from '@starling/core/causality/dot.ts';
import type { StoredRecord } from '@starling/core/causality/record.ts';
import type { Input } from '@starling/core/node/input.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import { bucketOfRow, durableRecord, type GhostEvent } from '../ghost/causal-ghost.ts';
import type { SimProcess } from '../sim/process.ts';
import { outcomeOf } from '../workload/ledger.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';
import { copiesFor } from './i25-durability-order.ts';
import { ReplicaCalls } from './replica-calls.ts';

/** A former owner asks a replica for a digest, and sends it the record; it waits 5 s for either answer, in virtual ms. */
const shownWithinMs = 10_000;

/** What one node has let another know that its disk holds. */
interface Shown {
  readonly directory: string;
  readonly record: StoredRecord;
  readonly atMs: number;
}

/**
 * I22: a node drops a record only once it is no replica of the key any more, and only when a majority of the replicas
 * durably hold every acknowledged write it carries: of the replicas by its own ring, or by the newest one, to which one of
 * those may have handed it on. A replica that has shown it to the dropping node, and whose whole directory was replaced
 * after that, counts: nobody can know. Observes each removal of a record row, against all disks.
 */
export class Handover implements Checker {
  readonly id = 'I22';
  readonly #context: CheckContext;
  readonly #calls = new ReplicaCalls();
  /** By replica, node it was shown to, and row; kept only where directories are replaced. */
  readonly #shown = new Map<string, Shown>();
  readonly #wipes: boolean;

  constructor(context: CheckContext) {
    this.#context = context;
    this.#wipes = (context.world.options.faults['disk.wipe'] ?? 0) > 0;
  }

  booted(process: SimProcess): void {
    this.#calls.booted(process);
  }

  input(process: SimProcess, input: Input): void {
    if (this.#wipes) this.#calls.input(process, input);
  }

  sent(process: SimProcess, to: NodeId, message: PeerMessage): void {
    if (!this.#wipes || (message.kind !== 'readReply' && message.kind !== 'storeReply')) return;
    const call = this.#calls.take(process, to, message.rpc);
    if (message.result !== 'ok' || call === null || !('ref' in call)) return;
    const record = durableRecord(process, call.ref.row);
    if (record === null) return;
    const directory = process.disk.identity.instanceId;
    this.#shown.set(`${process.nodeId} ${to} ${call.ref.row}`, {
      directory,
      record,
      atMs: this.#context.world.now,
    });
  }

  dropped(process: SimProcess, row: string, before: StoredRecord | null): void {
    const ring = process.machine?.ring() ?? null;
    const bucket = bucketOfRow(row);
    const foreign = ring !== null && !ring.isReplica(process.nodeId, bucket);
    ensure(this.id, foreign, () => `${process.nodeId} dropped ${row}, of which it is a replica`);
    this.#context.markers.reach('record dropped by a former owner');
    const owners = ring!.replicasOf(bucket).current;
    const rings = this.#context.world.processes.flatMap(({ machine }) => machine?.ring() ?? []);
    const newest = rings.reduce((newer, each) => (each.epoch > newer.epoch ? each : newer), ring!);
    for (const sibling of before?.siblings ?? []) {
      const event = this.#context.ghost.eventOf(formatDot(sibling.dot));
      if (event?.write == null || outcomeOf(event.write) !== 'ok') continue;
      // Of several proposals of one write one was chosen; this may be another, which a lost ballot left here.
      if (before?.vote != null && event.write.dot !== event.dot) continue;
      const isKept = [owners, newest.replicasOf(bucket).current].some((replicas) =>
        this.#enoughHold(process, replicas, row, event),
      );
      ensure(
        this.id,
        isKept,
        () => `${process.nodeId} dropped ${row} while too few of ${owners} hold ${event.dot}`,
      );
    }
  }

  #enoughHold(by: SimProcess, replicas: readonly NodeId[], row: string, event: GhostEvent): boolean {
    // A weak level promised fewer copies; what it still owes the others is I23's concern.
    const quorum = Math.floor(replicas.length / 2) + 1;
    const needed = Math.min(quorum, copiesFor(event.write!.level, replicas.length));
    return replicas.filter((node) => this.#holds(by, node, row, event)).length >= needed;
  }

  #holds(by: SimProcess, node: string, row: string, event: GhostEvent): boolean {
    const { world, ghost } = this.#context;
    const { disk } = world.process(node);
    // It showed what it had; that its disk was damaged since, unseen, is for its own repair to mend.
    if (disk.read(row) === 'corrupt') return true;
    const record = durableRecord(world.process(node), row);
    if (record !== null && ghost.downset(record).has(event)) return true;
    const shown = this.#shown.get(`${node} ${by.nodeId} ${row}`);
    if (shown === undefined || shown.directory === disk.identity.instanceId) return false;
    return world.now - shown.atMs <= shownWithinMs && ghost.downset(shown.record).has(event);
  }
}
