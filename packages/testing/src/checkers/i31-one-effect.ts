import type { ClientRequest } from '@starling/core/coordinator/request.ts';
import { requestTag } from '@starling/core/coordinator/request-tag.ts';
import type { Input } from '@starling/core/node/input.ts';
import { type Applied, durableRecord } from '../ghost/causal-ghost.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';
import { asksMajority } from './strict-writes.ts';

/**
 * I31: a retry has no second effect. A request id whose first attempt a majority of the replicas hold when the retry
 * comes in is never given a second dot by it: every quorum that it asks has one of them. Observes requests as they come
 * in, against the disks, and the dots that are minted for them.
 */
export class OneEffect implements Checker {
  readonly id = 'I31';
  readonly #context: CheckContext;
  /** By process, in its present life: the ring epoch under which a retry came to a request held; null: one that was not. */
  readonly #retries: Map<number, number | null>[] = [];
  /** A clock that leaps past the time for which requests are remembered makes a node forget them. */
  readonly #leaping: boolean;

  constructor(context: CheckContext) {
    this.#context = context;
    const { clocks, faults } = context.world.options;
    this.#leaping = clocks.jumps > 0 || (faults['clock.jump'] ?? 0) > 0;
  }

  booted(process: SimProcess): void {
    this.#retries[process.index] = new Map();
  }

  input(process: SimProcess, input: Input): void {
    if (input.type === 'request') this.#came(process, input.request);
    if (input.type === 'message' && input.message.kind === 'forward')
      this.#came(process, input.message.request);
  }

  applied({ process, minted }: Applied): void {
    const write = minted?.write ?? null;
    if (write === null || this.#leaping) return;
    const epoch = this.#retries[process.index]?.get(write.id) ?? null;
    ensure(
      this.id,
      epoch === null || process.machine?.ring()?.epoch !== epoch,
      () => `${process.nodeId} wrote ${write.kind} ${write.id} of ${write.key} again, as ${minted?.dot}`,
    );
  }

  #came(process: SimProcess, request: ClientRequest): void {
    if ((request.kind !== 'put' && request.kind !== 'delete') || request.requestId === null) return;
    const write = this.#context.ledger.writeByRequest(requestTag(request.requestId));
    const known = this.#retries[process.index]!;
    // An attempt that came here earlier may still be under way, and did not have to find anything.
    if (write === null || known.get(write.id) === null) return;
    known.set(write.id, this.#isHeld(process, request) ? (process.machine?.ring()?.epoch ?? null) : null);
  }

  #isHeld(
    process: SimProcess,
    { ref, level, requestId }: Extract<ClientRequest, { requestId: unknown }>,
  ): boolean {
    const ring = process.machine?.ring() ?? null;
    if (ring === null) return false;
    const { current } = ring.replicasOf(ref.bucket);
    const tag = requestTag(requestId);
    const holding = current.filter((node) =>
      durableRecord(this.#context.world.process(node), ref.row)?.siblings.some(
        ({ request }) => request === tag,
      ),
    );
    return asksMajority(level, current.length) && holding.length > current.length / 2;
  }
}
