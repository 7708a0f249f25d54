import type { NodeId } from '@starling/core/base/ids.ts';
import type { Input } from '@starling/core/node/input.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import type { Ring } from '@starling/core/ring/ring.ts';
import type { RingAim } from '@starling/core/ring/ring-operation.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/**
 * I19: who was taken out of the ring stays out until an operator asks for it, or has come with a directory of its own
 * making; and by a ring that does not list it a node neither votes for a key nor counts for one. Observes the rings nodes
 * come to hold, what operators ask for, and the answers replicas give.
 */
export class Departed implements Checker {
  readonly id = 'I19';
  readonly #context: CheckContext;
  /** Who owned arcs by the newest ring there has been, and its epoch: a newcomer given up is not taken out. */
  #owners: readonly NodeId[] = [];
  #epoch = 0;
  /** Directories of the nodes that are out. */
  readonly #gone = new Map<NodeId, string>();
  /** Whom an operator has asked to come (back), and no ring has listed since. */
  readonly #asked = new Set<NodeId>();
  /** By process, of its present life. */
  readonly #rings: (Ring | null)[] = [];
  /** By process: calls that came while its ring did not list it, by caller and number. */
  readonly #outside: Set<string>[] = [];

  constructor(context: CheckContext) {
    this.#context = context;
  }

  booted({ index }: SimProcess): void {
    this.#rings[index] = null;
    this.#outside[index] = new Set();
  }

  input(process: SimProcess, input: Input): void {
    if (input.type === 'rejoin') this.#asked.add(process.nodeId);
    else if (input.type === 'message') this.#called(process, input.from, input.message);
    else if (input.type === 'command' && input.command.kind === 'begin') this.#wanted(input.command.aim);
  }

  stepped(process: SimProcess): void {
    const ring = process.machine?.ring() ?? null;
    if (ring === null || ring === this.#rings[process.index]) return;
    this.#rings[process.index] = ring;
    if (ring.epoch > this.#epoch) this.#follow(ring);
  }

  sent({ index, nodeId }: SimProcess, to: NodeId, message: PeerMessage): void {
    if (!('result' in message) || this.#outside[index]!.size === 0) return;
    const outside = this.#outside[index]!.delete(`${to} ${message.rpc}`);
    ensure(
      this.id,
      !outside || message.result !== 'ok',
      () =>
        `${nodeId} answered ${to} with ${message.kind}, though the ring did not list it when it was asked`,
    );
  }

  #called({ index, nodeId, machine }: SimProcess, from: NodeId, message: PeerMessage): void {
    if (!counting.has(message.kind) || !('rpc' in message)) return;
    const ring = machine?.ring() ?? null;
    if (ring !== null && ring.member(nodeId) === null) this.#outside[index]!.add(`${from} ${message.rpc}`);
  }

  #wanted(aim: RingAim): void {
    if (aim.kind === 'join') this.#asked.add(aim.nodeId);
    if (aim.kind === 'replace') this.#asked.add(aim.by);
  }

  #follow(ring: Ring): void {
    for (const nodeId of this.#owners)
      if (ring.member(nodeId) === null) this.#gone.set(nodeId, this.#directory(nodeId));
    const { members } = ring.doc;
    for (const { nodeId } of members) if (this.#gone.has(nodeId)) this.#came(nodeId, ring);
    this.#owners = members.filter(({ status }) => status !== 'joining').map(({ nodeId }) => nodeId);
    this.#epoch = ring.epoch;
  }

  #came(nodeId: NodeId, { epoch }: Ring): void {
    const directory = this.#gone.get(nodeId);
    const asked = this.#asked.delete(nodeId);
    ensure(
      this.id,
      asked || directory !== this.#directory(nodeId),
      () => `${nodeId}, which was taken out, is in ring ${epoch} again, and nobody has asked for it`,
    );
    this.#gone.delete(nodeId);
  }

  #directory(nodeId: NodeId): string {
    return this.#context.world.process(nodeId).disk.identity.instanceId;
  }
}

/** Calls whose answers count towards a quorum, or towards the choice of a value. */
const counting: ReadonlySet<PeerMessage['kind']> = new Set(['clock', 'read', 'store', 'prepare', 'accept']);
