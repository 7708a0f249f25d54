import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ActorId, Hlc } from '../base/ids.ts';
import { emptyRecord, writeSibling } from '../causality/dvv-set.ts';
import { bucketCount } from '../ring/bucket-range.ts';
import { keyRef } from '../ring/key.ts';
import { sipTagHex } from '../ring/siphash.ts';
import { Leaves } from './leaves.ts';
import { recordHash } from './record-hash.ts';
import { type TreeNode, treeDepthMax, treeNodes } from './tree-nodes.ts';

const dot = { actor: 'n1~1.0' as ActorId, counter: 1 };
const record = writeSibling(emptyRecord, [], {
  dot,
  hlc: 1 as Hlc,
  value: new Uint8Array(1),
  scoped: false,
  expiresAt: 0,
  request: '',
});

function leavesOf(keys: readonly number[]): Leaves {
  const leaves = new Leaves();
  for (const key of new Set(keys)) {
    const ref = keyRef('t', `k${key}`);
    leaves.toggle(ref.bucket, recordHash(ref, record), 1);
  }
  return leaves;
}

it('shows every bucket of a range once, page by page, and the nodes of each level sum up to that above', () => {
  const cases = fc.record({
    keys: fc.array(fc.nat(400), { maxLength: 40 }),
    ends: fc.tuple(fc.nat(bucketCount - 1), fc.nat(300)),
    depth: fc.nat(treeDepthMax),
    limit: fc.integer({ min: 1, max: 40 }),
  });
  fc.assert(
    fc.property(cases, ({ keys, ends: [from, more], depth, limit }) => {
      const leaves = leavesOf(keys);
      const to = Math.min(bucketCount - 1, from + more);
      const nodes: TreeNode[] = [];
      let next: number | null = from;
      while (next !== null) {
        const page = treeNodes(leaves, () => [], { from: next, to }, depth, limit);
        expect(page.nodes.length).toBeLessThanOrEqual(limit);
        nodes.push(...page.nodes);
        next = page.next;
      }
      expect(nodes[0]!.from).toBeLessThanOrEqual(from);
      expect(nodes.at(-1)!.to).toBeGreaterThanOrEqual(to);
      for (const [i, node] of nodes.entries()) {
        expect(node.to - node.from + 1).toBe(bucketCount / 16 ** depth);
        if (i > 0) expect(node.from).toBe(nodes[i - 1]!.to + 1);
        const whole = [{ from: node.from, to: node.to }];
        expect(node.hash).toBe(sipTagHex(leaves.root(whole)));
        if (depth === treeDepthMax) continue;
        const below = treeNodes(leaves, () => [], whole[0]!, depth + 1, 16).nodes;
        expect(below.reduce((sum, { records }) => sum + records, 0)).toBe(node.records);
      }
    }),
    { numRuns: 60 },
  );
});

it('has the whole store in its root', () => {
  const everything = { from: 0, to: bucketCount - 1 };
  const [root] = treeNodes(leavesOf([1, 2, 3]), () => [], everything, 0, 1).nodes;
  expect(root).toMatchObject({ ...everything, records: 3 });
});
