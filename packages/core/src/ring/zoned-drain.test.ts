import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { drained } from './drained.test-kit.ts';
import { planDone, planFirst, planJoin } from './plan.ts';
import type { RingDoc } from './ring-doc.ts';

/** `nodes` of equal weight, one after the other in each of so many zones. */
function zoned(nodes: number, zones: number, replicas: number): RingDoc {
  const joiner = (i: number) => ({ nodeId: `n${i}` as NodeId, zone: `z${i % zones}`, weight: 1 });
  let doc = planFirst('0123456789abcdef', joiner(0), replicas);
  for (let i = 1; i < nodes; i++) doc = planDone(planJoin(doc, joiner(i))!)!;
  return doc;
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
    for (const { nodeId } of doc.members) expect(drained(doc, nodeId).movement).toBeLessThanOrEqual(most);
  });
});
