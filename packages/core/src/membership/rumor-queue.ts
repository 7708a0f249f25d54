import type { NodeId } from '../base/ids.ts';

/** One piece of news on its way: the present state of `nodeId`, sent `transmits` times by this node. */
export interface QueuedRumor {
  readonly nodeId: NodeId;
  readonly transmits: number;
}

/**
 * Whose states are still to be spread, the least told first (SWIM §4.1). The queue holds names, not states: what
 * is sent is the state at the time of sending, so newer news about a member replaces older without being searched for.
 */
export class RumorQueue {
  readonly #rumorsMax: number;
  /** Names by number of transmits, each tier in order of arrival. */
  readonly #tiers: Set<NodeId>[] = [];
  readonly #transmits = new Map<NodeId, number>();

  /** Over `rumorsMax` the news told most often is dropped: push/pull still spreads it. */
  constructor(rumorsMax: number) {
    this.#rumorsMax = rumorsMax;
  }

  get size(): number {
    return this.#transmits.size;
  }

  has(nodeId: NodeId): boolean {
    return this.#transmits.has(nodeId);
  }

  /** News about a member: it starts over, untold. */
  push(nodeId: NodeId): void {
    this.delete(nodeId);
    if (this.#transmits.size >= this.#rumorsMax) this.#dropMostTold();
    this.#place(nodeId, 0);
  }

  delete(nodeId: NodeId): void {
    const transmits = this.#transmits.get(nodeId);
    if (transmits === undefined) return;
    this.#tiers[transmits]!.delete(nodeId);
    this.#transmits.delete(nodeId);
  }

  /**
   * Takes names for one packet, least told first, and counts them as told; a name told `limit` times is done.
   * `take` answers whether the news still fits; the first that does not ends the packet and heads the next.
   */
  pick(limit: number, take: (nodeId: NodeId) => boolean): void {
    const told: NodeId[] = [];
    this.#each((nodeId) => {
      const taken = take(nodeId);
      if (taken) told.push(nodeId);
      return taken;
    });
    for (const nodeId of told) {
      const transmits = this.#transmits.get(nodeId)! + 1;
      this.delete(nodeId);
      if (transmits < limit) this.#place(nodeId, transmits);
    }
  }

  /** All news on its way, least told first. */
  list(): readonly QueuedRumor[] {
    const list: QueuedRumor[] = [];
    this.#each((nodeId, transmits) => {
      list.push({ nodeId, transmits });
      return true;
    });
    return list;
  }

  #place(nodeId: NodeId, transmits: number): void {
    while (this.#tiers.length <= transmits) this.#tiers.push(new Set());
    this.#tiers[transmits]!.add(nodeId);
    this.#transmits.set(nodeId, transmits);
  }

  #each(visit: (nodeId: NodeId, transmits: number) => boolean): void {
    for (let transmits = 0; transmits < this.#tiers.length; transmits++) {
      for (const nodeId of this.#tiers[transmits]!) if (!visit(nodeId, transmits)) return;
    }
  }

  #dropMostTold(): void {
    for (let transmits = this.#tiers.length - 1; transmits >= 0; transmits--) {
      for (const nodeId of this.#tiers[transmits]!) return this.delete(nodeId);
    }
  }
}
