import { sharedBuckets } from '@starling/core/antientropy/shared.ts';
import type { NodeEvent } from '@starling/core/node/event.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/**
 * I12: once replicas are equal and nothing is written, anti-entropy goes quiet: nothing is repaired any more, no comparison
 * finds a difference, and every node comes to know of every other that they hold the same. Observes what nodes report in
 * the quiet time that some lifetimes have after they have come to rest, and what they know at its end.
 */
export class GoesQuiet implements Checker {
  readonly id = 'I12';
  readonly #context: CheckContext;
  #isQuiet = false;
  /** By node, how often it had found a difference when the quiet time began. */
  readonly #differed = new Map<string, number>();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  event(process: SimProcess, event: NodeEvent): void {
    if (!this.#isQuiet || event.type !== 'repair') return;
    ensure(
      this.id,
      false,
      () => `${process.nodeId} repaired ${event.key} on ${event.replica} in a cluster at rest`,
    );
  }

  quietBegins(): void {
    this.#isQuiet = true;
    for (const { nodeId, machine } of this.#comparing())
      this.#differed.set(nodeId, machine!.antiEntropy().differed);
  }

  quietEnds(): void {
    // From now on reads bring together what has expired here and not yet there.
    this.#isQuiet = false;
    const comparing = this.#comparing();
    for (const { nodeId, machine } of comparing) {
      const { differed } = machine!.antiEntropy();
      ensure(
        this.id,
        differed === (this.#differed.get(nodeId) ?? differed),
        () => `${nodeId} found a difference in a cluster at rest`,
      );
      const shared = sharedBuckets(machine!.ring()!, nodeId);
      for (const peer of comparing) {
        if ((shared.get(peer.nodeId) ?? []).length === 0) continue;
        ensure(
          this.id,
          machine!.provenEqual(peer.nodeId) !== null,
          () => `${nodeId} has not found ${peer.nodeId} equal in a cluster at rest`,
        );
      }
    }
  }

  /** Nodes whose tree is complete: they compare, and answer who compares with them. */
  #comparing(): SimProcess[] {
    return this.#context.world.processes.filter(
      ({ machine }) => machine?.state === 'normal' && machine.antiEntropy().tree.complete,
    );
  }
}
