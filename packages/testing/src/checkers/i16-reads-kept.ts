import type { NodeId } from '@starling/core/base/ids.ts';
import { parseDot } from '@starling/core/causality/dot.ts';
import { covers } from '@starling/core/causality/version-vector.ts';
import type {
  ClientAnswer,
  ClientRequest,
  GetRequest,
  ReadResult,
} from '@starling/core/coordinator/request.ts';
import type { Input } from '@starling/core/node/input.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import type { KeyRef } from '@starling/core/ring/key.ts';
import type { Ring } from '@starling/core/ring/ring.ts';
import { durableRecord } from '../ghost/causal-ghost.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';
import { asksMajority } from './strict-writes.ts';

interface OpenRead {
  readonly request: GetRequest;
  readonly ring: Ring;
  /** Names of all nodes' directories when it was asked: a copy in one that has been replaced since may have answered. */
  readonly directories: ReadonlyMap<string, string>;
}

/**
 * I16, at its root: what a read at quorum shows, no later read at quorum can miss. At the instant such a read is
 * answered, a majority of the key's replicas hold on disk each value it shows, or what has replaced it (the second
 * phase of Attiya, Bar-Noy, Dolev 1995). Observes answers as they leave, against the disks.
 */
export class ReadsKept implements Checker {
  readonly id = 'I16';
  readonly #context: CheckContext;
  /** Reads asked of each process, by client request or by forwarding peer and call, and the ring they came under. */
  readonly #reads: Map<string, OpenRead>[] = [];
  /** Where disks may be damaged, a copy may be gone before the answer that spoke of it. */
  readonly #damage: boolean;

  constructor(context: CheckContext) {
    this.#context = context;
    const { faults } = context.world.options;
    this.#damage = (faults['disk.corruptRow'] ?? 0) + (faults['disk.loseHistory'] ?? 0) > 0;
  }

  booted(process: SimProcess): void {
    this.#reads[process.index] = new Map();
  }

  input(process: SimProcess, input: Input): void {
    if (input.type === 'request') this.#note(process, `${input.id}`, input.request);
    if (input.type === 'message' && input.message.kind === 'forward')
      this.#note(process, `${input.from} ${input.message.rpc}`, input.message.request);
  }

  sent(process: SimProcess, to: NodeId, message: PeerMessage): void {
    if (message.kind === 'forwardReply') this.#check(process, `${to} ${message.rpc}`, message.answer);
  }

  replied(process: SimProcess, id: number, answer: ClientAnswer): void {
    this.#check(process, `${id}`, answer);
  }

  #note(process: SimProcess, name: string, request: ClientRequest): void {
    const ring = process.machine?.ring() ?? null;
    if (request.kind !== 'get' || ring === null) return;
    const { processes } = this.#context.world;
    const directories = new Map(processes.map(({ nodeId, disk }) => [nodeId, disk.identity.instanceId]));
    this.#reads[process.index]!.set(name, { request, ring, directories });
  }

  /** Judged where it was coordinated, and where one ring was in force from question to answer: who counts is clear. */
  #check(process: SimProcess, name: string, answer: ClientAnswer): void {
    const read = this.#reads[process.index]!.get(name);
    this.#reads[process.index]!.delete(name);
    if (read === undefined || answer.kind !== 'read' || answer.winner === null || this.#damage) return;
    const { request, ring } = read;
    const { current } = ring.replicasOf(request.ref.bucket);
    if (process.machine?.ring() !== ring || !current.includes(process.nodeId)) return;
    ensure(
      this.id,
      this.#isKept(read, answer),
      () => `${process.nodeId} read ${answer.winner?.dot} of ${request.ref.key}, which a minority holds`,
    );
  }

  #isKept({ request, ring, directories }: OpenRead, { winner, siblings }: ReadResult): boolean {
    const { ref, level } = request;
    const { current, pending } = ring.replicasOf(ref.bucket);
    if (!asksMajority(level, current.length)) return true;
    const dots = [winner, ...siblings].map((sibling) => parseDot(sibling?.dot ?? ''));
    // As in the quorum itself: one answer is one of the old replicas, which are complete while the arc moves.
    const asksNew = pending !== null && level !== 'one' && asksMajority(level, pending.length);
    return [current, asksNew ? pending : current].every((replicas) =>
      dots.every((dot) => {
        if (dot === null) return true;
        const holding = replicas.filter((node) => {
          const process = this.#context.world.process(node);
          if (process.disk.identity.instanceId !== directories.get(node)) return true;
          const record = durableRecord(process, ref.row);
          return (record !== null && covers(record.clock, dot)) || isReleased(process, ref, ring);
        });
        return holding.length > replicas.length / 2;
      }),
    );
  }
}

/** By a ring the coordinator has not heard of it is no replica any more, and may have dropped what it had. */
function isReleased({ machine, nodeId }: SimProcess, { bucket }: KeyRef, under: Ring): boolean {
  const ring = machine?.ring() ?? null;
  return ring !== null && ring.epoch > under.epoch && !ring.isReplica(nodeId, bucket);
}
