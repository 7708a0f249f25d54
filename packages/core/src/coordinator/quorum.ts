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

/** Some of a quorum's nodes: bit i stands for the i-th of them. Old and new replicas together are 14 at most. */
export type NodeBits = number;

/**
 * Counts the answers of one round. While an arc is in transition the round needs its number out of the old replicas
 * and out of the new ones (joint quorums: Ongaro, Raft dissertation, §4.3); a node in both counts in both. A node
 * that is in neither counts nowhere, whoever it is.
 *
 * Every request counts at least one round, so nodes are counted as bits: a round then allocates nothing to count.
 */
export class Quorum {
  /** Every replica, old and new, each once; the old ones first. */
  readonly nodes: readonly NodeId[];
  readonly #current: NodeBits;
  readonly #currentNeeded: number;
  readonly #pending: NodeBits;
  readonly #pendingNeeded: number;
  #acked: NodeBits = 0;
  #refused: NodeBits = 0;

  constructor(set: ReplicaSet, level: Level) {
    const { current, pending } = set;
    this.nodes = allReplicas(set);
    this.#current = (1 << current.length) - 1;
    this.#currentNeeded = needed(level, current.length);
    this.#pending = pending === null ? 0 : this.bitsOf(pending);
    // One replica is enough for level `one`, and while the arc moves only the old ones are complete.
    this.#pendingNeeded = pending === null || level === 'one' ? 0 : needed(level, pending.length);
  }

  /** How many answers are needed of the larger side, for messages. */
  get needed(): number {
    return Math.max(this.#currentNeeded, this.#pendingNeeded);
  }

  get acks(): readonly NodeId[] {
    return this.nodes.filter((_, i) => (this.#acked & (1 << i)) !== 0);
  }

  /** Replicas whose answer has not been counted. */
  get missing(): readonly NodeId[] {
    return this.nodes.filter((_, i) => (this.#acked & (1 << i)) === 0);
  }

  get satisfied(): boolean {
    return this.wouldSatisfy(0);
  }

  /** False once too many replicas have refused for the quorum ever to be complete. */
  get possible(): boolean {
    return this.wouldSatisfy(~this.#refused);
  }

  hasAcked(node: NodeId): boolean {
    return (this.#acked & this.bitOf(node)) !== 0;
  }

  /** Counts `node`'s answer once; true if this answer completed the quorum. */
  ack(node: NodeId): boolean {
    const before = this.satisfied;
    this.#acked |= this.bitOf(node);
    return !before && this.satisfied;
  }

  /** `node` will not answer this round. */
  refuse(node: NodeId): void {
    this.#refused |= this.bitOf(node);
  }

  /** Whether the quorum would be complete if these had answered too. */
  wouldSatisfy(more: NodeBits): boolean {
    const answers = this.#acked | more;
    return (
      size(answers & this.#current) >= this.#currentNeeded &&
      size(answers & this.#pending) >= this.#pendingNeeded
    );
  }

  /** 0 for a node that is no replica. */
  bitOf(node: NodeId): NodeBits {
    const index = this.nodes.indexOf(node);
    return index < 0 ? 0 : 1 << index;
  }

  bitsOf(nodes: readonly NodeId[]): NodeBits {
    let bits = 0;
    for (const node of nodes) bits |= this.bitOf(node);
    return bits;
  }
}

function size(bits: NodeBits): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Every replica of a key, old and new, each once. */
export function allReplicas(set: ReplicaSet): readonly NodeId[] {
  if (set.pending === null) return set.current;
  return [...set.current, ...set.pending.filter((node) => !set.current.includes(node))];
}
