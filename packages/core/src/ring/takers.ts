import type { NodeId } from '../base/ids.ts';
import type { ReplicaSet, Ring } from './ring.ts';

/**
 * Who has to take what over before a change may be done. A write acknowledged before the change is on a majority of the
 * old replicas. Every newcomer takes the arc from such a majority and so has it; whoever is old and new may have missed
 * it. That is no matter as long as those that have it meet every majority of the new replicas, which is so where one node
 * gives way to one other. Where more change at once it need not be, and then the old ones that stay take the arc too.
 *
 * One of those that have it may lose its history meanwhile. It then recovers from the others of its set, of which enough have
 * what it had; but of a set that has become smaller those may be the ones that have gone. So there everybody takes the arc,
 * and a node that is recovering holds up the change until it has what it had.
 */
export function mustTake({ current, pending }: ReplicaSet, node: NodeId): boolean {
  if (pending === null || !pending.includes(node)) return false;
  const isNew = !current.includes(node);
  return isNew || pending.length < current.length || !newcomersAreEnough(current, pending);
}

/** Whether a write on any majority of `before` is in every majority of `after` once all newcomers have it. */
export function newcomersAreEnough(before: readonly NodeId[], after: readonly NodeId[]): boolean {
  const leaving = before.filter((node) => !after.includes(node)).length;
  const newcomers = after.filter((node) => !before.includes(node)).length;
  const holders = majority(before.length) - leaving + newcomers;
  return holders + majority(after.length) > after.length;
}

/** Every node that has something to take over; a joining one always, so that it can say that it has begun to hold data. */
export function takersOf(ring: Ring): ReadonlySet<NodeId> {
  const takers = new Set<NodeId>();
  if (ring.changing === null) return takers;
  for (const { nodeId, status } of ring.doc.members) if (status === 'joining') takers.add(nodeId);
  const seen = new Set<ReplicaSet>();
  ring.eachArc((_range, set) => {
    if (set.pending === null || seen.has(set)) return;
    seen.add(set);
    for (const node of set.pending) if (mustTake(set, node)) takers.add(node);
  });
  return takers;
}

function majority(size: number): number {
  return Math.floor(size / 2) + 1;
}
