import type { NodeId } from '@starling/core/base/ids.ts';
import { isAccepted } from '@starling/core/causality/dvv-set.ts';
import type { RowWrite } from '@starling/core/node/effect.ts';
import type { Ring } from '@starling/core/ring/ring.ts';
import { type Applied, bucketOfRow, durableRecord, type GhostEvent } from '../ghost/causal-ghost.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

const hintPrefix = 'h/';
const notePrefix = 'l/';
const owedAllPrefix = 'm/owed/';

/**
 * I23: what a replica missed is owed to it until it has it. A node removes a hint, or the note of a write of its own
 * that is on its way, only when every replica named durably holds the node's writes of that key or is still owed them.
 * A write that a crash took from its coordinator's disk, its note with it, is owed by nobody, though a replica may have
 * it. Observes each batch: the rows it removes, what it leaves, and the disks of the replicas.
 */
export class HintsKept implements Checker {
  readonly id = 'I23';
  readonly #context: CheckContext;
  /** Hint, note and owed rows of each process as its machine sees them: written, durable or not. */
  readonly #rows: Set<string>[] = [];
  readonly #historyMayBeLost: boolean;
  /**
   * Replicas of the key since each event was minted, by the event's dot: those that come later, or come back, get it by
   * transfer, not by its writer.
   */
  readonly #owedTo = new Map<string, { readonly row: string; readonly replicas: readonly string[] }>();
  #newest: Ring | null = null;
  /** Each process's own writes that are not reported durable, with their batch; its number is 0 while it is written. */
  readonly #unsynced: { readonly event: GhostEvent; seq: number }[][] = [];

  constructor(context: CheckContext) {
    this.#context = context;
    const { faults } = context.world.options;
    this.#historyMayBeLost = (faults['disk.loseHistory'] ?? 0) + (faults['disk.wipe'] ?? 0) > 0;
  }

  booted(process: SimProcess): void {
    const rows = new Set<string>();
    for (const row of process.disk.durableRows()) if (isOwing(row)) rows.add(row);
    this.#rows[process.index] = rows;
    for (const { event } of this.#unsynced[process.index] ?? [])
      if (isGone(process, event, this.#context)) this.#owedTo.delete(event.dot);
    this.#unsynced[process.index] = [];
  }

  stepped({ machine }: SimProcess): void {
    const ring = machine?.ring() ?? null;
    if (ring === null || ring.epoch <= (this.#newest?.epoch ?? 0)) return;
    this.#newest = ring;
    for (const [dot, { row, replicas }] of this.#owedTo) {
      const still = this.#replicasStill(row, replicas);
      if (still.length < replicas.length) this.#owedTo.set(dot, { row, replicas: still });
    }
  }

  durable(process: SimProcess, seq: number): void {
    const unsynced = this.#unsynced[process.index]!;
    while (unsynced.length > 0 && unsynced[0]!.seq <= seq) unsynced.shift();
  }

  applied({ process, row, minted }: Applied): void {
    if (minted === null) return;
    // By a ring its coordinator has not heard of, a replica may be gone at that moment already.
    const replicas = this.#replicasStill(row, this.#replicasOf(process, row));
    this.#owedTo.set(minted.dot, { row, replicas });
    this.#unsynced[process.index]!.push({ event: minted, seq: 0 });
  }

  wrote(process: SimProcess, seq: number, batch: readonly RowWrite[]): void {
    for (const write of this.#unsynced[process.index]!) if (write.seq === 0) write.seq = seq;
    const rows = this.#rows[process.index]!;
    const removed: string[] = [];
    for (const [row, value] of batch) {
      if (!isOwing(row)) continue;
      if (value !== null) rows.add(row);
      else if (rows.delete(row)) removed.push(row);
      if (value !== null && row.startsWith(hintPrefix)) this.#context.markers.reach('hint kept');
      if (value !== null && row.startsWith(owedAllPrefix)) this.#context.markers.reach('everything owed');
    }
    for (const row of removed) this.#checkRemoval(process, row);
  }

  #checkRemoval(process: SimProcess, row: string): void {
    if (row.startsWith(owedAllPrefix)) return;
    const at = row.indexOf('/', hintPrefix.length);
    const owed = row.slice(at + 1);
    const owner = row.slice(hintPrefix.length, at);
    const own = this.#ownEvents(process, owed);
    if (row.startsWith(hintPrefix)) {
      this.#context.markers.reach('hint delivered');
      return this.#requireSafe(process, owner, owed, own);
    }
    const counter = Number.parseInt(owner, 36);
    const noted = own.filter((event) => event.sibling.dot.counter === counter);
    for (const replica of this.#replicasOf(process, owed)) this.#requireSafe(process, replica, owed, noted);
  }

  /** Every event is on the replica's disk, or still owed to it. */
  #requireSafe(process: SimProcess, replica: string, row: string, events: readonly GhostEvent[]): void {
    if (replica === process.nodeId || !this.#replicasOf(process, row).includes(replica)) return;
    const rows = this.#rows[process.index]!;
    if (rows.has(`${hintPrefix}${replica}/${row}`) || rows.has(owedAllPrefix + replica)) return;
    const { world, ghost } = this.#context;
    const { disk, machine } = world.process(replica);
    // By a newer ring than this node's it is no replica any more, and may have handed on and dropped what it had.
    if (machine?.ring()?.isReplica(replica as NodeId, bucketOfRow(row)) === false) return;
    // It had the record when it said so; that its disk was damaged since is for its own repair to mend.
    if (this.#historyMayBeLost || disk.read(row) === 'corrupt') return;
    const record = durableRecord(world.process(replica), row);
    const there = record === null ? new Set<GhostEvent>() : ghost.downset(record);
    for (const event of events) {
      if (!this.#owedTo.get(event.dot)?.replicas.includes(replica)) continue;
      if (there.has(event) || rows.has(`${notePrefix}${event.sibling.dot.counter.toString(36)}/${row}`))
        continue;
      ensure(
        this.id,
        false,
        () => `${process.nodeId} no longer owes ${replica} ${event.dot} of ${row}, which it does not hold`,
      );
    }
  }

  /** What this node wrote itself and its record still stands for: others are owed by those who wrote them. */
  #ownEvents(process: SimProcess, row: string): GhostEvent[] {
    const record = this.#context.ghost.latest(process, row);
    // Values were proposed that are not in it, and will never be: nobody is owed those, and dots do not tell which.
    if (record !== null && isAccepted(record)) return [];
    const known = record === null ? [] : [...this.#context.ghost.downset(record)];
    return known.filter((event) => event.dot.startsWith(`${process.nodeId}~`));
  }

  /** Those of the nodes that the newest ring in force anywhere counts as replicas. */
  #replicasStill(row: string, nodes: readonly string[]): readonly string[] {
    const newest = this.#newest;
    if (newest === null) return nodes;
    return nodes.filter((node) => newest.isReplica(node as NodeId, bucketOfRow(row)));
  }

  #replicasOf(process: SimProcess, row: string): readonly string[] {
    const ring = process.machine?.ring() ?? null;
    if (ring === null) return [];
    const { current, pending } = ring.replicasOf(bucketOfRow(row));
    return pending === null ? current : [...new Set([...current, ...pending])];
  }
}

/** The write is not on its own coordinator's disk, and did not survive there in what replaced it. */
function isGone(process: SimProcess, event: GhostEvent, { ghost }: CheckContext): boolean {
  if (process.disk.read(event.row) === 'corrupt') return false;
  const record = durableRecord(process, event.row);
  return record === null || !ghost.downset(record).has(event);
}

function isOwing(row: string): boolean {
  return row.startsWith(hintPrefix) || row.startsWith(notePrefix) || row.startsWith(owedAllPrefix);
}
