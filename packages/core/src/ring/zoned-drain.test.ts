import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { bucketCount, bucketsIn } from './bucket-range.ts';
import { planDone, planFirst, planJoin } from './plan.ts';
import { planOperation } from './plan-operation.ts';
import { Ring } from './ring.ts';
import type { RingDoc } from './ring-doc.ts';

/** `nodes` of equal weight, one after the other in each of so many zones. */
function zoned(nodes: number, zones: number, replicas: number): RingDoc {
  const joiner = (i: number) => ({ nodeId: `n${i}` as NodeId, zone: `z${i % zones}`, weight: 1 });
  let doc = planFirst('0123456789abcdef', joiner(0), replicas);
  for (let i = 1; i < nodes; i++) doc = planDone(planJoin(doc, joiner(i))!)!;
  return doc;
}

/** What the drain of a node moves, as a multiple of the copies that it holds itself. */
function movement(doc: RingDoc, nodeId: NodeId): number {
  const idle = { id: 'op', plan: '', force: false, state: 'queued', since: 1, reason: '' } as const;
  const during = planOperation(doc, { ...idle, aim: { kind: 'drain', nodeId } });
  if (typeof during === 'string') throw new Error(during);
  const [before, after] = [new Ring(doc), new Ring(planDone(during)!)];
  let moved = 0;
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const held = before.replicasOf(bucket).current;
    for (const node of after.replicasOf(bucket).current) if (!held.includes(node)) moved++;
  }
  return moved / bucketsIn(before.bucketsOf(nodeId));
}

describe('a drain from a ring of zones', () => {
  // A copy whose new owner is in the zone of the other replica drives that one out: the law of zones costs these.
  it.each([
    [8, 1, 3, 1.02],
    [8, 2, 2, 1.2],
    [7, 3, 2, 1.2],
    [8, 3, 3, 1.2],
    [6, 4, 3, 1.2],
  ])('of %i nodes in %i zones, N=%i, moves at most %f of what it must', (nodes, zones, replicas, most) => {
    const doc = zoned(nodes, zones, replicas);
    for (const { nodeId } of doc.members) expect(movement(doc, nodeId)).toBeLessThanOrEqual(most);
  });
});
