import type { NodeId } from '../base/ids.ts';
import { bucketCount, bucketsIn } from './bucket-range.ts';
import { planDone } from './plan.ts';
import { planOperation } from './plan-operation.ts';
import { Ring } from './ring.ts';
import type { RingDoc } from './ring-doc.ts';

/** A ring that a node has been drained from. */
export interface Drained {
  readonly doc: RingDoc;
  /** Copies of buckets that are where they were not before, as a multiple of those that the node held. */
  readonly movement: number;
}

/** Drains a member; throws if that is refused. */
export function drained(doc: RingDoc, nodeId: NodeId): Drained {
  const idle = { id: 'op', plan: '', force: false, state: 'queued', since: 1, reason: '' } as const;
  const during = planOperation(doc, { ...idle, aim: { kind: 'drain', nodeId } });
  if (typeof during === 'string') throw new Error(during);
  const after = { ...planDone(during)!, operations: [] };
  const [from, to] = [new Ring(doc), new Ring(after)];
  let moved = 0;
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const held = from.replicasOf(bucket).current;
    for (const node of to.replicasOf(bucket).current) if (!held.includes(node)) moved++;
  }
  return { doc: after, movement: moved / bucketsIn(from.bucketsOf(nodeId)) };
}
