import type { NodeId } from '../base/ids.ts';
import { below, type Random, sample } from '../base/random.ts';

/**
 * Whom to probe next: round robin over a list that is shuffled after each pass, newcomers inserted at a random
 * place (SWIM §4.3). So the wait until a given member is probed is bounded by `2(n − 1) − 1` probes, not only on average.
 */
export class ProbeOrder {
  readonly #random: Random;
  /** Members that may be probed, in any order. */
  readonly #eligible: () => readonly NodeId[];
  readonly #isEligible: (nodeId: NodeId) => boolean;
  /** Whose state a probe would settle sooner: probed before the list goes on. */
  readonly #urgent = new Set<NodeId>();
  #order: NodeId[] = [];
  #position = 0;

  constructor(random: Random, eligible: () => readonly NodeId[], isEligible: (nodeId: NodeId) => boolean) {
    this.#random = random;
    this.#eligible = eligible;
    this.#isEligible = isEligible;
  }

  /** Puts a member that has just become eligible somewhere into the present pass. */
  insert(nodeId: NodeId): void {
    if (this.#order.includes(nodeId)) return;
    const place = below(this.#random, this.#order.length + 1);
    this.#order.splice(place, 0, nodeId);
    if (place < this.#position) this.#position++;
  }

  /** Puts a member ahead of the round, once. */
  hasten(nodeId: NodeId): void {
    if (this.#isEligible(nodeId)) this.#urgent.add(nodeId);
  }

  /** A member that has been hastened and is still eligible, any one so that not all observers ask the same; or null. */
  nextUrgent(): NodeId | null {
    for (const nodeId of this.#urgent) if (!this.#isEligible(nodeId)) this.#urgent.delete(nodeId);
    const [nodeId] = sample(this.#random, [...this.#urgent], 1);
    if (nodeId === undefined) return null;
    this.#urgent.delete(nodeId);
    return nodeId;
  }

  /** The next member of the round, or null if there is none. */
  next(): NodeId | null {
    for (let pass = 0; pass < 2; pass++) {
      while (this.#position < this.#order.length) {
        const nodeId = this.#order[this.#position++]!;
        if (this.#isEligible(nodeId)) return nodeId;
      }
      const eligible = this.#eligible();
      this.#order = sample(this.#random, eligible, eligible.length);
      this.#position = 0;
    }
    return null;
  }
}
