import type { NodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { appendRange, type BucketRange } from '../ring/bucket-range.ts';
import type { Ring } from '../ring/ring.ts';
import { mustTake } from '../ring/takers.ts';

/** Arcs to take over together, and from whom: done when `needed` of the sources have given all they hold. */
export interface TransferPart {
  /** Ascending, 1 to `limits.pullRangesMax`. */
  readonly ranges: readonly BucketRange[];
  readonly sources: readonly NodeId[];
  readonly needed: number;
}

/**
 * What a node takes over for the change in progress: the arcs it will hold and cannot be sure to have whole, each from a
 * majority of those who hold it now. Every write acknowledged before the change is on a majority of them, and any two
 * majorities share a node.
 */
export function transferPlan(ring: Ring, self: NodeId): TransferPart[] {
  const parts = new Parts();
  ring.eachArc((range, set) => {
    if (!mustTake(set, self)) return;
    const sources = set.current.filter((node) => node !== self);
    // What this node holds already is one of the majority.
    const own = set.current.length - sources.length;
    parts.add(range, { sources, needed: Math.floor(set.current.length / 2) + 1 - own });
  });
  return parts.all;
}

/**
 * What a node takes that has lost part of its own history: everything it holds, from so many of the others that any
 * write quorum, counted without this node, has one among them: others − (majority − 1) + 1. With three replicas that
 * is both. A node with no other replicas has nobody to ask, and nothing to take.
 */
export function recoveryPlan(ring: Ring, self: NodeId): TransferPart[] {
  const parts = new Parts();
  ring.eachArc((range, { current }) => {
    if (!current.includes(self)) return;
    const sources = current.filter((node) => node !== self);
    if (sources.length > 0) parts.add(range, { sources, needed: recoveryNeeded(current.length) });
  });
  return parts.all;
}

/** How many of the other replicas know, between them, of every acknowledged write that this one may have lost. */
export function recoveryNeeded(replicas: number): number {
  const writeQuorum = majorityOf(replicas);
  return Math.min(replicas - 1, replicas - writeQuorum + 1);
}

/** The fewest that are more than half of so many replicas. */
export function majorityOf(replicas: number): number {
  return Math.floor(replicas / 2) + 1;
}

type Origin = Omit<TransferPart, 'ranges'>;

/**
 * Arcs with the same sources are taken together: a node's share of a ring is hundreds of arcs, of few kinds, and each would
 * cost a question and an answer of its own.
 */
class Parts {
  readonly all: (TransferPart & { readonly ranges: BucketRange[] })[] = [];
  readonly #open = new Map<string, BucketRange[]>();

  /** Ranges must come in ascending order. */
  add(range: BucketRange, { sources, needed }: Origin): void {
    const origin = [needed, ...[...sources].sort()].join(' ');
    const open = this.#open.get(origin);
    if (open !== undefined && open.length < limits.pullRangesMax) return appendRange(open, range);
    const ranges = [range];
    this.#open.set(origin, ranges);
    this.all.push({ ranges, sources, needed });
  }
}
