import type { NodeId } from '../base/ids.ts';
import type { ReplicaSet } from '../ring/ring.ts';
import type { Level } from './request.ts';

/** Replicas that must answer out of `size`; never more than there are. */
export function needed(level: Level, size: number): number {
  if (level === 'one') return Math.min(1, size);
  if (level === 'quorum') return majority(size);
  if (level === 'all') return size;
  return Math.min(level.count, size);
}

/** More than half. */
export function majority(size: number): number {
  return Math.floor(size / 2) + 1;
}

/** Whether answers of this level always include one that any majority of the same replicas includes too. */
export function isStrict(level: Level, size: number): boolean {
  return needed(level, size) >= majority(size);
}

/**
 * Counts the answers of one round. While an arc is in transition the round needs its number out of the old replicas
 * and out of the new ones (joint quorums: Ongaro, Raft dissertation, §4.3); a node in both counts in both. A node
 * that is in neither counts nowhere, whoever it is.
 */
export class Quorum {
  readonly #set: ReplicaSet;
  readonly #currentNeeded: number;
  readonly #pendingNeeded: number;
  readonly #acks: NodeId[] = [];
  readonly #refused: NodeId[] = [];

  constructor(set: ReplicaSet, level: Level) {
    this.#set = set;
    this.#currentNeeded = needed(level, set.current.length);
    // One replica is enough for level `one`, and while the arc moves only the old ones are complete.
    this.#pendingNeeded = set.pending === null || level === 'one' ? 0 : needed(level, set.pending.length);
  }

  /** How many answers are needed of the larger side, for messages. */
  get needed(): number {
    return Math.max(this.#currentNeeded, this.#pendingNeeded);
  }

  get acks(): readonly NodeId[] {
    return this.#acks;
  }

  get satisfied(): boolean {
    return this.#covers(this.#acks);
  }

  /** Counts `node`'s answer once; true if this answer completed the quorum. */
  ack(node: NodeId): boolean {
    if (this.#acks.includes(node)) return false;
    const before = this.satisfied;
    this.#acks.push(node);
    return !before && this.satisfied;
  }

  /** `node` will not answer this round. */
  refuse(node: NodeId): void {
    if (!this.#refused.includes(node)) this.#refused.push(node);
  }

  hasAnswered(node: NodeId): boolean {
    return this.#acks.includes(node) || this.#refused.includes(node);
  }

  /** False once too many replicas have refused for the quorum ever to be complete. */
  get possible(): boolean {
    return this.wouldSatisfy((node) => !this.#refused.includes(node));
  }

  /** Whether the quorum would be complete if every node for which `answers` holds had answered. */
  wouldSatisfy(answers: (node: NodeId) => boolean): boolean {
    const ok = (node: NodeId) => this.#acks.includes(node) || answers(node);
    return (
      count(this.#set.current, ok) >= this.#currentNeeded &&
      (this.#set.pending === null || count(this.#set.pending, ok) >= this.#pendingNeeded)
    );
  }

  #covers(nodes: readonly NodeId[]): boolean {
    const has = (node: NodeId) => nodes.includes(node);
    return (
      count(this.#set.current, has) >= this.#currentNeeded &&
      (this.#set.pending === null || count(this.#set.pending, has) >= this.#pendingNeeded)
    );
  }
}

function count(nodes: readonly NodeId[], test: (node: NodeId) => boolean): number {
  let total = 0;
  for (const node of nodes) if (test(node)) total++;
  return total;
}

/** Every replica of a key, old and new, each once. */
export function allReplicas(set: ReplicaSet): readonly NodeId[] {
  if (set.pending === null) return set.current;
  return [...set.current, ...set.pending.filter((node) => !set.current.includes(node))];
}
