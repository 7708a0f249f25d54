import type { NodeId } from '../base/ids.ts';

/**
 * Lists of nodes, each known once and under a number. They lie in a tree, found by their nodes one after the other: a ring
 * has tens of thousands of lists and few that differ, and making a text of each as its name would be most of the work.
 */
export class KnownLists {
  readonly #nodeIds: readonly NodeId[];
  /** By place in the tree and node: the next place. */
  readonly #next = new Map<number, number>();
  readonly #lists: (readonly NodeId[] | null)[] = [null];

  /** The nodes that lists are made of. */
  constructor(nodeIds: readonly NodeId[]) {
    this.#nodeIds = nodeIds;
  }

  /** More than any number in use. */
  get size(): number {
    return this.#lists.length;
  }

  /** The number of the list whose nodes are `numbers[nodes[0]]`, `numbers[nodes[1]]`, …: indexes into the nodes. */
  numberOf(nodes: readonly number[], numbers: readonly number[]): number {
    let place = 0;
    for (let i = 0; i < nodes.length; i++) {
      const step = place * this.#nodeIds.length + numbers[nodes[i]!]!;
      place = this.#next.get(step) ?? this.#grow(step);
    }
    this.#lists[place] ??= nodes.map((node) => this.#nodeIds[numbers[node]!]!);
    return place;
  }

  /** The list of that number. */
  list(number: number): readonly NodeId[] {
    return this.#lists[number]!;
  }

  #grow(step: number): number {
    const place = this.#lists.length;
    this.#lists.push(null);
    this.#next.set(step, place);
    return place;
  }
}
