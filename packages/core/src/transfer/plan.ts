import type { NodeId } from '../base/ids.ts';
import type { BucketRange } from '../ring/bucket-range.ts';
import type { Ring } from '../ring/ring.ts';
import { mustTake } from '../ring/takers.ts';

/** Buckets to take over, and from whom: done when `needed` of the sources have given all they hold. */
export interface TransferArc extends BucketRange {
  readonly sources: readonly NodeId[];
  readonly needed: number;
}

/**
 * What a node takes over for the change in progress: the arcs it will hold and cannot be sure to have whole, each from a
 * majority of those who hold it now. Every write acknowledged before the change is on a majority of them, and any two
 * majorities share a node.
 */
export function transferPlan(ring: Ring, self: NodeId): TransferArc[] {
  const arcs: TransferArc[] = [];
  ring.eachArc((range, set) => {
    if (!mustTake(set, self)) return;
    const sources = set.current.filter((node) => node !== self);
    // What this node holds already is one of the majority.
    const own = set.current.length - sources.length;
    append(arcs, { ...range, sources, needed: Math.floor(set.current.length / 2) + 1 - own });
  });
  return arcs;
}

/**
 * What a node takes that has lost part of its own history: everything it holds, from so many of the others that any
 * write quorum, counted without this node, has one among them: others − (majority − 1) + 1. With three replicas that
 * is both. A node with no other replicas has nobody to ask, and nothing to take.
 */
export function recoveryPlan(ring: Ring, self: NodeId): TransferArc[] {
  const arcs: TransferArc[] = [];
  ring.eachArc((range, { current }) => {
    if (!current.includes(self)) return;
    const sources = current.filter((node) => node !== self);
    if (sources.length > 0) append(arcs, { ...range, sources, needed: recoveryNeeded(current.length) });
  });
  return arcs;
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

/** Neighbouring arcs with the same sources are taken as one: fewer, longer streams. */
function append(arcs: TransferArc[], arc: TransferArc): void {
  const last = arcs.at(-1);
  if (last !== undefined && last.to + 1 === arc.from && sameSources(last, arc)) {
    arcs[arcs.length - 1] = { ...last, to: arc.to };
  } else arcs.push(arc);
}

function sameSources(a: TransferArc, b: TransferArc): boolean {
  return (
    a.needed === b.needed &&
    a.sources.length === b.sources.length &&
    a.sources.every((node) => b.sources.includes(node))
  );
}
