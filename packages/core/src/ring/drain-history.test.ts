import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { drained } from './drained.test-kit.ts';
import { planDone, planFirst, planJoin } from './plan.ts';
import type { RingDoc } from './ring-doc.ts';

const nodesMax = 8;
const joiner = (i: number) => ({ nodeId: `n${i}` as NodeId, zone: 'z', weight: 1 });
const joined = (doc: RingDoc, i: number) => planDone(planJoin(doc, joiner(i))!)!;

/** Plays joins (even numbers) and drains (odd, of the member so named) as far as they are possible; answers every drain's movement. */
function movements(replicas: number, moves: readonly number[]): number[] {
  let doc = planFirst('0123456789abcdef', joiner(0), replicas);
  const found: number[] = [];
  moves.forEach((move, i) => {
    const { length } = doc.members;
    if (length < nodesMax && (length <= Math.max(2, replicas) || move % 2 === 0)) {
      doc = joined(doc, i + 1);
    } else {
      const gone = drained(doc, doc.members[move % length]!.nodeId);
      found.push(gone.movement);
      doc = gone.doc;
    }
  });
  return found;
}

it('moves little more than it must, whatever joined and left before', () => {
  const history = fc.array(fc.nat(1000), { minLength: 4, maxLength: 14 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), history, (replicas, moves) => {
      // With N of 1 nothing moves but owners; of 600 histories the worst moved 1.07 times what it had to, with N of 2 1.14.
      const most = replicas === 1 ? 1.1 : 1.2;
      for (const movement of movements(replicas, moves)) expect(movement).toBeLessThanOrEqual(most);
    }),
    { numRuns: 40 },
  );
});

it('gives places of the vnodes that go to members that own too little, before it takes from others', () => {
  // Every arc of this ring is as long as the others, and those of the last two to leave lie in the arcs of one of the two that stay.
  let doc = [1, 2, 3].reduce(joined, planFirst('0123456789abcdef', joiner(0), 1));
  doc = drained(doc, 'n3' as NodeId).doc;
  for (const { nodeId } of doc.members) expect(drained(doc, nodeId).movement).toBeLessThan(1.02);
});
