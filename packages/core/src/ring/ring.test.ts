import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { bucketCount, bucketsIn } from './bucket-range.ts';
import { Ring } from './ring.ts';
import type { RingDoc, RingMember, RingStatus } from './ring-doc.ts';

const id = (text: string) => text as NodeId;

interface Sketch {
  readonly tokens: readonly number[];
  readonly zone?: string;
  readonly status?: RingStatus;
}

function docOf(replicas: number, nodes: Readonly<Record<string, Sketch>>): RingDoc {
  const members = Object.entries(nodes).map(
    ([nodeId, { tokens, zone = 'z', status = 'normal' }]): RingMember => ({
      nodeId: id(nodeId),
      status,
      zone,
      weight: 1,
      tokens,
    }),
  );
  const settled = members.every(({ status }) => status === 'normal');
  const change = settled ? null : { operation: 'o', replicas, shapes: [] };
  return { clusterId: '0123456789abcdef', epoch: 7, replicas, members, change, operations: [] };
}

/** 1 to 9 members in 1 to 4 zones with 1 to 12 tokens each, at most one of them joining or leaving. */
const anyDoc: fc.Arbitrary<RingDoc> = fc
  .record({
    replicas: fc.integer({ min: 1, max: 7 }),
    tokens: fc.uniqueArray(fc.integer({ min: 0, max: bucketCount - 1 }), { minLength: 9, maxLength: 100 }),
    zones: fc.array(fc.constantFrom('east', 'west', 'north', 'south'), { minLength: 1, maxLength: 9 }),
    deal: fc.array(fc.nat(8), { minLength: 100, maxLength: 100 }),
    changing: fc.constantFrom<RingStatus>('normal', 'joining', 'leaving'),
  })
  .map(({ replicas, tokens, zones, deal, changing }) => {
    const hands = zones.map((): number[] => []);
    tokens.forEach((token, i) => {
      hands[i < zones.length ? i : deal[i]! % zones.length]!.push(token);
    });
    const nodes: Record<string, Sketch> = {};
    hands.forEach((hand, i) => {
      const status = i === 0 && zones.length > 1 ? changing : 'normal';
      nodes[`n${i}`] = { tokens: hand.sort((a, b) => a - b), zone: zones[i]!, status };
    });
    return docOf(replicas, nodes);
  });

/**
 * The slow truth. Nodes in clockwise order of their nearest token; each is the first, second, … of its zone;
 * firsts come before seconds, and so on; the first N of that order hold the bucket.
 */
function modelList(doc: RingDoc, bucket: number, owns: (status: RingStatus) => boolean): NodeId[] {
  const distance = (member: RingMember) =>
    Math.min(...member.tokens.map((token) => (token - bucket + bucketCount) % bucketCount));
  const clockwise = doc.members
    .filter((member) => owns(member.status))
    .sort((a, b) => distance(a) - distance(b));
  const ranked = clockwise.map((member, place) => ({
    nodeId: member.nodeId,
    place,
    rank: clockwise.slice(0, place).filter((earlier) => earlier.zone === member.zone).length,
  }));
  ranked.sort((a, b) => a.rank - b.rank || a.place - b.place);
  return ranked.slice(0, doc.replicas).map((entry) => entry.nodeId);
}

/** Buckets at and next to every token, both ends of the key space, and one more. */
function interestingBuckets(doc: RingDoc, another: number): number[] {
  const near = doc.members.flatMap((member) => member.tokens.flatMap((t) => [t - 1, t, t + 1]));
  return [...near, 0, bucketCount - 1, another].filter((b) => b >= 0 && b < bucketCount);
}

describe('preference lists', () => {
  test('are the first N different nodes clockwise, the owner of the arc first', () => {
    const ring = new Ring(
      docOf(3, {
        a: { tokens: [100, 500] },
        b: { tokens: [200, 600] },
        c: { tokens: [300] },
        d: { tokens: [400] },
      }),
    );
    expect(ring.replicasOf(0).current).toEqual(['a', 'b', 'c']);
    expect(ring.replicasOf(100).current).toEqual(['a', 'b', 'c']);
    expect(ring.replicasOf(101).current).toEqual(['b', 'c', 'd']);
    expect(ring.replicasOf(301).current).toEqual(['d', 'a', 'b']);
    expect(ring.replicasOf(401).current).toEqual(['a', 'b', 'c']);
    expect(ring.replicasOf(600).current).toEqual(['b', 'a', 'c']);
    expect(ring.replicasOf(601).current).toEqual(['a', 'b', 'c']);
    expect(ring.replicasOf(65_535).current).toEqual(['a', 'b', 'c']);
    expect(ring.replicasOf(65_535).pending).toBeNull();
  });

  test('pass over nodes of a zone that is represented already', () => {
    const ring = new Ring(
      docOf(3, {
        a: { tokens: [100], zone: 'east' },
        b: { tokens: [200], zone: 'east' },
        c: { tokens: [300], zone: 'west' },
        d: { tokens: [400], zone: 'west' },
        e: { tokens: [500], zone: 'north' },
      }),
    );
    expect(ring.replicasOf(50).current).toEqual(['a', 'c', 'e']);
    expect(ring.replicasOf(150).current).toEqual(['b', 'c', 'e']);
    expect(ring.replicasOf(450).current).toEqual(['e', 'a', 'c']);
  });

  test('share the replicas out evenly where zones are fewer than N', () => {
    const ring = new Ring(
      docOf(4, {
        a: { tokens: [100], zone: 'east' },
        b: { tokens: [200], zone: 'east' },
        c: { tokens: [300], zone: 'east' },
        d: { tokens: [400], zone: 'west' },
        e: { tokens: [500], zone: 'west' },
      }),
    );
    expect(ring.replicasOf(50).current).toEqual(['a', 'd', 'b', 'e']);
    expect(ring.replicasOf(450).current).toEqual(['e', 'a', 'b', 'd']);
  });

  test('hold every node where N is larger than the cluster', () => {
    const ring = new Ring(docOf(7, { a: { tokens: [1] }, b: { tokens: [2], zone: 'other' } }));
    expect(ring.effectiveReplicas).toBe(2);
    expect(ring.replicasOf(0).current).toEqual(['a', 'b']);
    expect(ring.replicasOf(3).current).toEqual(['a', 'b']);
  });

  test('equal those of a slow model, before and after the change in progress', () => {
    fc.assert(
      fc.property(anyDoc, fc.nat(bucketCount - 1), (doc, another) => {
        const ring = new Ring(doc);
        for (const bucket of interestingBuckets(doc, another)) {
          const { current, pending } = ring.replicasOf(bucket);
          const next = modelList(doc, bucket, (status) => status !== 'leaving');
          expect(current).toEqual(modelList(doc, bucket, (status) => status !== 'joining'));
          if (pending !== null) expect(pending).toEqual(next);
          const same = next.length === current.length && next.every((node) => current.includes(node));
          expect(pending === null).toBe(same);
        }
      }),
    );
  });

  test('hold N different nodes in as many zones as there are, up to N', () => {
    fc.assert(
      fc.property(anyDoc, fc.nat(bucketCount - 1), (doc, bucket) => {
        const owners = doc.members.filter((member) => member.status !== 'joining');
        const zoneOf = new Map(doc.members.map((member) => [member.nodeId, member.zone]));
        const list = new Ring(doc).replicasOf(bucket).current;
        const wanted = Math.min(doc.replicas, owners.length);
        expect(new Set(list).size).toBe(wanted);
        const zones = new Set(owners.map((member) => member.zone));
        expect(new Set(list.map((node) => zoneOf.get(node))).size).toBe(Math.min(wanted, zones.size));
      }),
    );
  });
});

describe('a ring in transition', () => {
  const ring = new Ring(
    docOf(2, {
      a: { tokens: [100, 400] },
      b: { tokens: [200, 500] },
      c: { tokens: [300], status: 'joining' },
    }),
  );

  test('gives both lists only where the change makes a difference', () => {
    expect(ring.replicasOf(50)).toEqual({ current: ['a', 'b'], pending: null });
    expect(ring.replicasOf(150)).toEqual({ current: ['b', 'a'], pending: ['b', 'c'] });
    expect(ring.replicasOf(250)).toEqual({ current: ['a', 'b'], pending: ['c', 'a'] });
    expect(ring.replicasOf(350)).toEqual({ current: ['a', 'b'], pending: null });
  });

  test('counts owners without the joining node, and names the change', () => {
    expect(ring.owners).toEqual(['a', 'b']);
    expect(ring.changing?.operation).toBe('o');
    expect(ring.ownerOf(250)).toBe('a');
  });

  test('counts the joining node as a replica of what it is taking over', () => {
    expect(ring.isReplica(id('c'), 250)).toBe(true);
    expect(ring.isReplica(id('c'), 350)).toBe(false);
    expect(ring.isReplica(id('b'), 250)).toBe(true);
    expect(ring.bucketsOf(id('c'))).toEqual([{ from: 101, to: 300 }]);
    expect(ring.isReplica(id('stranger'), 250)).toBe(false);
  });

  test('says before the change who owns what now', () => {
    const [a, b, c] = ring.ownership();
    expect([a!.nodeId, b!.nodeId, c!.nodeId]).toEqual(['a', 'b', 'c']);
    expect(a!.share).toBe((65_536 - 200) / 65_536);
    expect(b!.share).toBe(200 / 65_536);
    expect(c).toEqual({ nodeId: 'c', share: 0, replicaShare: 0, vnodes: 1 });
    expect([a!.replicaShare, b!.replicaShare]).toEqual([1, 1]);
  });
});

describe('ranges and shares', () => {
  test('agree with the answers bucket by bucket', () => {
    fc.assert(
      fc.property(anyDoc, (doc) => {
        const ring = new Ring(doc);
        const seen: number[] = [];
        ring.eachArc(({ from, to }, replicas) => {
          expect(ring.replicasOf(from)).toBe(replicas);
          expect(ring.replicasOf(to)).toBe(replicas);
          for (let bucket = from; bucket <= to; bucket++) seen.push(bucket);
        });
        expect(seen.length).toBe(bucketCount);
        expect(seen.every((bucket, i) => bucket === i)).toBe(true);
        for (const { nodeId } of doc.members) {
          const held = seen.filter((bucket) => ring.isReplica(nodeId, bucket)).length;
          expect(bucketsIn(ring.bucketsOf(nodeId))).toBe(held);
        }
      }),
      { numRuns: 10 },
    );
  });

  test('add up to the whole key space and to N copies of it', () => {
    fc.assert(
      fc.property(anyDoc, (doc) => {
        const ring = new Ring(doc);
        const ownership = ring.ownership();
        const sum = (of: (part: (typeof ownership)[number]) => number) =>
          ownership.reduce((total, part) => total + of(part), 0);
        expect(sum((part) => part.share)).toBeCloseTo(1, 12);
        expect(sum((part) => part.replicaShare)).toBeCloseTo(ring.effectiveReplicas, 12);
        expect(sum((part) => part.vnodes)).toBe(ring.vnodes.length);
      }),
    );
  });

  test('vnodes are ascending and name the node that holds the token', () => {
    fc.assert(
      fc.property(anyDoc, (doc) => {
        const { vnodes } = new Ring(doc);
        expect(vnodes.every((vnode, i) => i === 0 || vnodes[i - 1]!.token < vnode.token)).toBe(true);
        const byNode = new Map(doc.members.map((member) => [member.nodeId, member.tokens]));
        for (const { token, nodeId } of vnodes) expect(byNode.get(nodeId)).toContain(token);
      }),
    );
  });
});
