import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { bucketCount } from './bucket-range.ts';
import { planDone, planFirst, planJoin } from './plan.ts';
import type { Joiner } from './plan-operation.ts';
import { fairShares } from './replica-balance.ts';
import { Ring } from './ring.ts';
import type { RingDoc } from './ring-doc.ts';
import { brokenRingLaw } from './ring-law.ts';

interface Growth {
  /** Largest share of the key space over the fair one for the node's weight. */
  readonly ownership: number;
  /** The same for replicas held. */
  readonly replicas: number;
  /** Replicas that changed hands in the last join over the least that could. */
  readonly movement: number;
}

function joiner(index: number, weight = 1, zone = 'z'): Joiner {
  return { nodeId: `n${String(index).padStart(3, '0')}` as NodeId, weight, zone };
}

/** The ring after the join, and what it cost. Throws where a plan is refused or unlawful. */
function grow(doc: RingDoc, node: Joiner): { readonly doc: RingDoc; readonly growth: Growth } {
  const joining = planJoin(doc, node);
  expect(joining === null ? 'refused' : brokenRingLaw(joining)).toBeNull();
  const settled = planDone(joining!)!;
  const weights = settled.members.map((member) => member.weight);
  const fairOwned = fairShares(weights, 1);
  const fairHeld = fairShares(weights, settled.replicas);
  const shares = new Ring(settled).ownership();
  const worst = (part: (i: number) => number) => Math.max(...shares.map((_, i) => part(i)));
  // All that the joiner holds has come to it by this join, and nothing else moves (transition.test.ts).
  const self = settled.members.findIndex((member) => member.nodeId === node.nodeId);
  return {
    doc: settled,
    growth: {
      ownership: worst((i) => (shares[i]!.share * bucketCount) / fairOwned[i]!),
      replicas: worst((i) => (shares[i]!.replicaShare * bucketCount) / fairHeld[i]!),
      movement: (shares[self]!.replicaShare * bucketCount) / fairHeld[self]!,
    },
  };
}

/** The worst of each figure while nodes of these weights join one after the other. */
function growAll(nodes: readonly Joiner[], replicas: number): Growth {
  let doc = planFirst('0123456789abcdef', nodes[0]!, replicas);
  let worst: Growth = { ownership: 1, replicas: 1, movement: 0 };
  for (const node of nodes.slice(1)) {
    const step = grow(doc, node);
    doc = step.doc;
    worst = {
      ownership: Math.max(worst.ownership, step.growth.ownership),
      replicas: Math.max(worst.replicas, step.growth.replicas),
      movement: Math.max(worst.movement, step.growth.movement),
    };
  }
  return worst;
}

describe('tokens of nodes that join one after the other', () => {
  test.each([1, 3, 7])(
    'keep 1 to 100 equal nodes within the bounds at N = %i',
    (replicas) => {
      const worst = growAll(
        Array.from({ length: 100 }, (_, i) => joiner(i)),
        replicas,
      );
      expect(worst.ownership).toBeLessThanOrEqual(1.05);
      expect(worst.movement).toBeLessThanOrEqual(1.1);
      // Replicas are evened out too, but where N is large and nodes are few there is less to choose from.
      expect(worst.replicas).toBeLessThanOrEqual(replicas <= 3 ? 1.05 : 1.4);
    },
    60_000,
  );

  test('keep nodes of weights 1 to 4 within the bounds', { timeout: 60_000 }, () => {
    const weights = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 24 });
    fc.assert(
      fc.property(weights, (drawn) => {
        const worst = growAll(
          drawn.map((weight, i) => joiner(i, weight)),
          3,
        );
        expect(worst.ownership).toBeLessThanOrEqual(1.05);
        expect(worst.movement).toBeLessThanOrEqual(1.1);
      }),
      { numRuns: 12 },
    );
  });

  test('keep 100 nodes of weights 1 to 4 within the bounds', { timeout: 60_000 }, () => {
    const weights = Array.from({ length: 100 }, (_, i) => 1 + ((i * 7 + (i >> 2)) % 4));
    const worst = growAll(
      weights.map((weight, i) => joiner(i, weight)),
      3,
    );
    expect(worst.ownership).toBeLessThanOrEqual(1.05);
    expect(worst.movement).toBeLessThanOrEqual(1.1);
  });

  test('keep nodes in three zones of equal size within the bounds', { timeout: 60_000 }, () => {
    let doc = planFirst('0123456789abcdef', joiner(0, 1, 'zone-0'), 3);
    for (let i = 1; i < 30; i++) {
      const step = grow(doc, joiner(i, 1, `zone-${i % 3}`));
      doc = step.doc;
      expect(step.growth.ownership).toBeLessThanOrEqual(1.05);
      expect(step.growth.movement).toBeLessThanOrEqual(1.1);
      if (i % 3 === 2 && i >= 5) expect(step.growth.replicas).toBeLessThanOrEqual(1.5);
    }
  });

  test('leave every other token where it is, and are the same whoever computes them', () => {
    const doc = [1, 2, 3, 4].reduce(
      (ring, i) => grow(ring, joiner(i, i)).doc,
      planFirst('0123456789abcdef', joiner(0), 3),
    );
    const next = planJoin(doc, joiner(5, 2))!;
    expect(planJoin({ ...doc, members: doc.members.slice() }, joiner(5, 2))).toEqual(next);
    for (const member of doc.members) expect(next.members).toContainEqual(member);
  });
});

test('fair shares are in proportion to weight, but nobody holds a bucket twice', () => {
  expect(fairShares([1, 1, 2], 1)).toEqual([16_384, 16_384, 32_768]);
  expect(fairShares([1, 1, 4], 2)).toEqual([32_768, 32_768, 65_536]);
  expect(fairShares([1, 2], 3)).toEqual([65_536, 65_536]);
});
