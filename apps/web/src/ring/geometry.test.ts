import type { RingView, Vnode } from '@starling/api-types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  angleOf,
  arcIndexOf,
  bucketAt,
  firstArcs,
  ownedArcs,
  ownershipSkew,
  pointAt,
  turn,
} from './geometry.ts';

const buckets = 65_536;

/** A ring of these tokens, owners taken in turn. */
function ringOf(tokens: readonly number[], owners: readonly string[]): RingView {
  const sorted = [...new Set(tokens)].sort((one, other) => one - other);
  const vnodes: Vnode[] = sorted.map((token, at) => {
    const before = sorted.at(at - 1) ?? 0;
    const length = sorted.length === 1 ? buckets : (token - before + buckets) % buckets;
    return { token, buckets: length, nodeId: owners[at % owners.length] ?? '', pending: false };
  });
  const share = (nodeId: string) =>
    vnodes.filter((vnode) => vnode.nodeId === nodeId).reduce((sum, vnode) => sum + vnode.buckets, 0) /
    buckets;
  const nodes = owners.map((nodeId) => ({
    nodeId,
    status: 'normal' as const,
    zone: 'z',
    weight: 1,
    tokens: 1,
    ownership: share(nodeId),
    replicaOwnership: 1,
  }));
  const counts = { physicalNodes: owners.length, virtualNodes: vnodes.length };
  return { clusterId: '0', epoch: 1, replicas: 3, buckets, ...counts, nodes, vnodes };
}

const tokenSets = fc.uniqueArray(fc.integer({ min: 0, max: buckets - 1 }), { minLength: 1, maxLength: 60 });
const bucket = fc.integer({ min: 0, max: buckets - 1 });

describe('the geometry of the ring', () => {
  it('finds the bucket a point lies at, for every bucket', () => {
    fc.assert(
      fc.property(bucket, fc.integer({ min: 10, max: 500 }), (at, radius) => {
        expect(bucketAt(pointAt(angleOf(at + 0.5, buckets), radius), buckets)).toBe(at);
      }),
    );
  });

  it('covers the circle once', () => {
    fc.assert(
      fc.property(tokenSets, (tokens) => {
        const arcs = ownedArcs(ringOf(tokens, ['a', 'b', 'c']));
        const swept = arcs.reduce((sum, arc) => sum + arc.endAngle - arc.startAngle, 0);
        expect(swept).toBeCloseTo(turn, 9);
      }),
    );
  });

  it('gives every bucket the arc whose buckets hold it', () => {
    fc.assert(
      fc.property(tokenSets, bucket, (tokens, at) => {
        const arcs = ownedArcs(ringOf(tokens, ['a', 'b', 'c']));
        const arc = arcs[arcIndexOf(arcs, at)]!;
        const distance = (arc.vnode.token - at + buckets) % buckets;
        expect(distance).toBeLessThan(arc.vnode.buckets);
      }),
    );
  });

  it('meets each node of a preference list at its nearest arc clockwise', () => {
    const ring = ringOf([10, 20, 30, 40], ['a', 'a', 'b', 'c']);
    const found = firstArcs(ownedArcs(ring), 15, ['a', 'b', 'c']);
    expect([...found].map(([nodeId, arc]) => [nodeId, arc.vnode.token])).toEqual([
      ['a', 20],
      ['b', 30],
      ['c', 40],
    ]);
    expect(firstArcs(ownedArcs(ring), 41, ['b']).get('b')?.vnode.token).toBe(30);
    expect(firstArcs([], 0, ['a']).size).toBe(0);
  });

  it('draws no arc for a pending token', () => {
    const ring = ringOf([10, 20], ['a', 'b']);
    const pending: Vnode = { token: 15, buckets: 0, nodeId: 'c', pending: true };
    expect(ownedArcs({ ...ring, vnodes: [...ring.vnodes, pending] })).toHaveLength(2);
  });

  it('measures how even ownership is', () => {
    const even = ringOf([16_383, 32_767, 49_151, 65_535], ['a', 'b', 'c', 'd']);
    expect(ownershipSkew(even)).toBeCloseTo(1, 9);
    expect(ownershipSkew({ ...even, nodes: [] })).toBeNull();
  });
});
