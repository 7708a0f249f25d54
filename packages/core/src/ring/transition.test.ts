import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { bucketCount, bucketsIn } from './bucket-range.ts';
import { planDone, planFirst, planJoin } from './plan.ts';
import type { Joiner } from './plan-operation.ts';
import { type ReplicaSet, Ring } from './ring.ts';
import type { RingDoc } from './ring-doc.ts';

/** The three epochs of a join: before it, while the joiner's tokens are pending, and once it is normal. */
interface Join {
  readonly before: Ring;
  readonly during: Ring;
  readonly after: Ring;
  readonly joiner: NodeId;
}

const anyNode = fc.record({
  zone: fc.constantFrom('east', 'west', 'north'),
  weight: fc.integer({ min: 1, max: 2 }),
});

/** The last join of 2 to 7 nodes in up to three zones. */
const anyJoin: fc.Arbitrary<Join> = fc
  .record({
    replicas: fc.integer({ min: 1, max: 5 }),
    nodes: fc.array(anyNode, { minLength: 2, maxLength: 7 }),
  })
  .map(({ replicas, nodes }) => {
    const named = nodes.map((node, i): Joiner => ({ ...node, nodeId: `n${i}` as NodeId }));
    const join = (doc: RingDoc, node: Joiner) => planDone(planJoin(doc, node)!)!;
    const joiner = named.at(-1)!;
    const before = named.slice(1, -1).reduce(join, planFirst('0123456789abcdef', named[0]!, replicas));
    const during = planJoin(before, joiner)!;
    const after = planDone(during)!;
    return {
      before: new Ring(before),
      during: new Ring(during),
      after: new Ring(after),
      joiner: joiner.nodeId,
    };
  });

/** Every different answer of the ring in transition, with a bucket it holds for. */
function answers(ring: Ring): Map<ReplicaSet, number> {
  const found = new Map<ReplicaSet, number>();
  ring.eachArc(({ from }, replicas) => void (found.has(replicas) || found.set(replicas, from)));
  return found;
}

/** All sets of these nodes, as lists. */
function subsets(nodes: readonly NodeId[]): NodeId[][] {
  return Array.from({ length: 2 ** nodes.length }, (_, bits) => nodes.filter((_node, i) => (bits >> i) & 1));
}

function isMajority(some: readonly NodeId[], of: readonly NodeId[]): boolean {
  return of.filter((node) => some.includes(node)).length > of.length / 2;
}

describe('a join', () => {
  test('reads and writes where the epochs before and after do: each quorum meets each of theirs', {
    timeout: 30_000,
  }, () => {
    fc.assert(
      fc.property(anyJoin, ({ before, during, after }) => {
        for (const [{ current, pending }, bucket] of answers(during)) {
          const next = pending ?? current;
          const everyone = [...new Set([...current, ...next])];
          const joint = subsets(everyone).filter(
            (some) => isMajority(some, current) && isMajority(some, next),
          );
          for (const neighbour of [before, after]) {
            const list = neighbour.replicasOf(bucket).current;
            const theirs = subsets(list).filter((some) => isMajority(some, list));
            const apart = joint.filter((ours) =>
              theirs.some((some) => !some.some((node) => ours.includes(node))),
            );
            expect(apart).toEqual([]);
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  test('holds now what was held before it, and will hold what is held after it', { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(anyJoin, ({ before, during, after }) => {
        for (const [{ current, pending }, bucket] of answers(during)) {
          expect(before.replicasOf(bucket).current).toEqual(current);
          const settled = after.replicasOf(bucket).current;
          if (pending === null) expect(new Set(settled)).toEqual(new Set(current));
          else expect(settled).toEqual(pending);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('moves each bucket it touches to the joiner, from at most one other node, and none else', {
    timeout: 30_000,
  }, () => {
    fc.assert(
      fc.property(anyJoin, ({ before, during, after, joiner }) => {
        const held = after.ownership().find(({ nodeId }) => nodeId === joiner)!.replicaShare;
        expect(bucketsIn(during.bucketsOf(joiner))).toBe(held * bucketCount);
        expect(before.bucketsOf(joiner)).toEqual([]);
        for (const { current, pending } of answers(during).keys()) {
          if (pending === null) continue;
          expect(pending.filter((node) => !current.includes(node))).toEqual([joiner]);
          expect(current.filter((node) => !pending.includes(node)).length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 25 },
    );
  });
});
