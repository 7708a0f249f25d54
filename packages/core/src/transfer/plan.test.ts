import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { bucketsIn } from '../ring/bucket-range.ts';
import { planDone, planFirst, planJoin } from '../ring/plan.ts';
import { Ring } from '../ring/ring.ts';
import { recoveryNeeded, recoveryPlan, transferPlan } from './plan.ts';

describe('recovery', () => {
  it.each([
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 3],
    [7, 4],
  ])('of one out of %i replicas asks %i others', (replicas, others) => {
    expect(recoveryNeeded(replicas)).toBe(others);
  });

  it('asks so many that every write quorum without this node has one among them', () => {
    for (let replicas = 2; replicas <= 7; replicas++) {
      const holdersLeft = Math.floor(replicas / 2) + 1 - 1;
      const othersNotAsked = replicas - 1 - recoveryNeeded(replicas);
      expect(holdersLeft === 0 || othersNotAsked < holdersLeft).toBe(true);
    }
  });
});

describe('a plan', () => {
  const [first, ...others] = ['n1', 'n2', 'n3', 'n4'] as NodeId[];
  const member = (nodeId: NodeId) => ({ nodeId, zone: 'z', weight: 1 });
  let doc = planFirst('0123456789abcdef', member(first!), 3);
  for (const nodeId of others) doc = planDone(planJoin(doc, member(nodeId))!)!;
  const settled = new Ring(doc);
  const joining = new Ring(planJoin(doc, member('n5' as NodeId))!);

  it('names every bucket that is to be taken once, in parts of ascending ranges (limits.pullRangesMax)', () => {
    const plan = transferPlan(joining, 'n5' as NodeId);
    const buckets = plan.flatMap(({ ranges }) =>
      ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i)),
    );
    const wanted = Array.from({ length: 65_536 }, (_, bucket) => bucket).filter((bucket) =>
      joining.replicasOf(bucket).pending?.includes('n5' as NodeId),
    );
    expect(buckets.sort((a, b) => a - b)).toEqual(wanted);
    const lengths = plan.map(({ ranges }) => ranges.length);
    expect(Math.max(...lengths)).toBe(limits.pullRangesMax);
    for (const { ranges } of plan)
      for (let i = 1; i < ranges.length; i++) expect(ranges[i]!.from).toBeGreaterThan(ranges[i - 1]!.to);
  });

  it('asks those who hold the buckets, in few parts', () => {
    const plan = recoveryPlan(settled, first!);
    expect(plan.reduce((sum, { ranges }) => sum + bucketsIn(ranges), 0)).toBe(
      bucketsIn(settled.bucketsOf(first!)),
    );
    for (const { ranges, sources } of plan)
      for (const { from } of ranges)
        expect([first, ...sources].sort()).toEqual([...settled.replicasOf(from).current].sort());
    // Three others can be paired in three ways; each pair has its full parts and one that is not full.
    const arcs = plan.reduce((sum, { ranges }) => sum + ranges.length, 0);
    expect(plan.length).toBeLessThanOrEqual(3 + arcs / limits.pullRangesMax);
  });
});
