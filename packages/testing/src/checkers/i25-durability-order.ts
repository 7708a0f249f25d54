import type { NodeId } from '@starling/core/base/ids.ts';
import { parseDot } from '@starling/core/causality/dot.ts';
import type { VersionVector } from '@starling/core/causality/record.ts';
import { covers, descends, emptyClock } from '@starling/core/causality/version-vector.ts';
import type { ClientAnswer, ClientRequest, Level, WriteResult } from '@starling/core/coordinator/request.ts';
import type { Input } from '@starling/core/node/input.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import { type KeyRef, keyRef } from '@starling/core/ring/key.ts';
import type { Ring } from '@starling/core/ring/ring.ts';
import { durableRecord } from '../ghost/causal-ghost.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';
import { ReplicaCalls } from './replica-calls.ts';

interface OpenWrite {
  readonly ref: KeyRef;
  readonly level: Level;
}

/**
 * I25: no acknowledgement precedes the durability it promises. At the instant a replica says that it stored, saw or
 * read something, its disk would still hold it after a power cut; at the instant a client is told ok, as many replicas
 * as its level asks for would. Observes messages and replies as they leave, against the disks.
 */
export class DurabilityOrder implements Checker {
  readonly id = 'I25';
  readonly #context: CheckContext;
  readonly #calls = new ReplicaCalls();
  /** Ring of each process before the step being taken: one input can complete a write and bring in the next ring. */
  readonly #before: (Ring | null)[] = [];
  /** Writes asked of each process, by client request or by forwarding peer and call. */
  readonly #writes: Map<string, OpenWrite>[] = [];
  /** Where disks may be damaged, a copy may be gone before its acknowledgement has arrived. */
  readonly #damage: boolean;

  constructor(context: CheckContext) {
    this.#context = context;
    const { faults } = context.world.options;
    this.#damage = [faults['disk.corruptRow'], faults['disk.loseHistory'], faults['disk.wipe']].some(
      (count) => (count ?? 0) > 0,
    );
  }

  booted(process: SimProcess): void {
    this.#calls.booted(process);
    this.#writes[process.index] = new Map();
  }

  input(process: SimProcess, input: Input): void {
    this.#calls.input(process, input);
    this.#before[process.index] = process.machine?.ring() ?? null;
    if (input.type === 'request') this.#note(process, `${input.id}`, input.request);
    if (input.type !== 'message' || input.message.kind !== 'forward') return;
    this.#note(process, `${input.from} ${input.message.rpc}`, input.message.request);
  }

  #note(process: SimProcess, name: string, request: ClientRequest): void {
    if (request.kind !== 'put' && request.kind !== 'delete') return;
    this.#writes[process.index]!.set(name, { ref: request.ref, level: request.level });
  }

  sent(process: SimProcess, to: NodeId, message: PeerMessage): void {
    switch (message.kind) {
      case 'storeReply':
      case 'clockReply':
      case 'readReply':
        return this.#checkReply(process, to, message);
      case 'forwardReply':
        return this.#checkWrite(process, `${to} ${message.rpc}`, message.answer);
      case 'pullReply':
        for (const { ref, record } of message.records)
          this.#requireDurable(process, ref.row, record.clock, 'handed over');
        if (message.records.length > 0) this.#context.markers.reach('record handed over');
        return;
      default:
        return;
    }
  }

  replied(process: SimProcess, id: number, answer: ClientAnswer): void {
    this.#checkWrite(process, `${id}`, answer);
  }

  /** Judged where it was coordinated, by the ring that was coordinated under; not where it was passed on. */
  #checkWrite(process: SimProcess, name: string, answer: ClientAnswer): void {
    const write = this.#writes[process.index]!.get(name);
    this.#writes[process.index]!.delete(name);
    if (write === undefined || answer.kind !== 'written' || this.#damage) return;
    if (!answer.dot.startsWith(`${process.nodeId}~`)) return;
    const now = process.machine?.ring() ?? null;
    const before = this.#before[process.index] ?? null;
    if (now === null || (before !== null && before !== now && this.#enough(write, answer, before))) return;
    const { current, pending } = now.replicasOf(write.ref.bucket);
    this.#requireCopies(write, answer, current, now);
    if (pending !== null && write.level !== 'one') this.#requireCopies(write, answer, pending, now);
  }

  #enough(write: OpenWrite, answer: WriteResult, ring: Ring): boolean {
    const { current, pending } = ring.replicasOf(write.ref.bucket);
    const sides = pending === null || write.level === 'one' ? [current] : [current, pending];
    return sides.every(
      (replicas) => this.#holding(write, answer, replicas, ring) >= copiesFor(write.level, replicas.length),
    );
  }

  #checkReply(
    process: SimProcess,
    to: NodeId,
    message: Extract<PeerMessage, { kind: 'storeReply' | 'clockReply' | 'readReply' }>,
  ): void {
    const call = this.#calls.take(process, to, message.rpc);
    if (call === null || call.kind === 'pull' || message.result !== 'ok') return;
    const { row } = call.ref;
    if (message.kind === 'clockReply') return this.#requireDurable(process, row, message.clock, 'reported');
    if (message.kind === 'readReply') {
      return this.#requireDurable(process, row, message.record?.clock ?? emptyClock, 'read out');
    }
    if (call.kind === 'store') this.#requireDurable(process, row, call.record.clock, 'acknowledged');
  }

  #requireDurable(process: SimProcess, row: string, clock: VersionVector, how: string): void {
    const record = durableRecord(process, row);
    // A value accepted since then may not know of what it replaced: votes are I14's concern.
    if (record !== null && record.vote !== null) return;
    const durable = record?.clock ?? emptyClock;
    // A record that is no longer this node's may have been dropped between the question and the answer.
    const damaged = this.#damage && durable.length === 0;
    ensure(
      this.id,
      damaged || descends(durable, clock),
      () => `${process.nodeId} ${how} a state of ${row} that a power cut would take back`,
    );
  }

  #requireCopies(write: OpenWrite, answer: WriteResult, replicas: readonly NodeId[], under: Ring): void {
    const holding = this.#holding(write, answer, replicas, under);
    const needed = copiesFor(write.level, replicas.length);
    ensure(
      this.id,
      holding >= needed,
      () => `${answer.dot} of ${write.ref.key} was acknowledged on ${holding} durable copies, not ${needed}`,
    );
  }

  /**
   * Replicas whose disks hold the write now, or what has superseded it. One that is none any more by a ring the
   * coordinator has not heard of may have dropped what it had: the arc's new owners are asked for beside it.
   */
  #holding({ ref }: OpenWrite, answer: WriteResult, replicas: readonly NodeId[], under: Ring): number {
    const dot = parseDot(answer.dot);
    if (dot === null) return replicas.length;
    return replicas.filter((node) => {
      const process = this.#context.world.process(node);
      const record = durableRecord(process, ref.row);
      return (record !== null && covers(record.clock, dot)) || isReleased(process, ref, under);
    }).length;
  }
}

function isReleased({ machine, nodeId }: SimProcess, { bucket }: KeyRef, under: Ring): boolean {
  const ring = machine?.ring() ?? null;
  return ring !== null && ring.epoch > under.epoch && !ring.isReplica(nodeId, bucket);
}

/** Acknowledgements a level asks for among `replicas`. */
export function copiesFor(level: Level, replicas: number): number {
  if (level === 'one') return 1;
  if (level === 'quorum') return Math.floor(replicas / 2) + 1;
  return level === 'all' ? replicas : Math.min(level.count, replicas);
}

/** The address of a key of the workload's table. */
export function refOf(key: string): KeyRef {
  return keyRef('default', key);
}
