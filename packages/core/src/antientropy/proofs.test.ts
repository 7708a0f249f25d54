import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { Proofs } from './proofs.ts';

const peer = 'n2' as NodeId;
const [root, other] = [
  { low: 1, high: 2 },
  { low: 1, high: 3 },
];
const { compareEveryMs, compareEqualMsMax } = limits;
const proofs = () => new Proofs(compareEveryMs, compareEqualMsMax);
const everything = { from: 0, to: 65_535 };

/** How long a peer that was found equal so many times in a row is left alone, in ms. */
function restAfter(times: number): number {
  const known = proofs();
  let now = 0;
  for (let i = 0; i < times; i++) known.equal(peer, root, 1, now);
  while (!known.isDue(peer, () => root, now)) now += 500;
  return now;
}

describe('what is proven of two replicas', () => {
  it('is nothing at first, and the oldest of what was proven of each part', () => {
    const known = proofs();
    expect(known.provenEqual(peer, everything)).toBeNull();
    known.equalBut(peer, new Set([3]), 10);
    expect(known.provenEqual(peer, everything)).toBeNull();
    expect(known.provenEqual(peer, { from: 3 * 256, to: 3 * 256 })).toBeNull();
    expect(known.provenEqual(peer, { from: 4 * 256, to: 65_535 })).toBe(10);
    known.equal(peer, root, 20, 0);
    known.equalBut(peer, new Set([3]), 30);
    expect(known.provenEqual(peer, everything)).toBe(20);
    expect(known.provenEqual(peer, { from: 0, to: 3 * 256 - 1 })).toBe(30);
    known.clear();
    expect(known.provenEqual(peer, everything)).toBeNull();
  });
});

describe('the rest between two comparisons of equals', () => {
  it('doubles up to its bound (limits.compareEqualMsMax)', () => {
    expect([1, 2, 3].map(restAfter)).toEqual([1, 2, 3].map((times) => 2 ** times * compareEveryMs));
    expect(restAfter(40)).toBe(compareEqualMsMax);
  });

  it.each<[string, (known: Proofs) => void]>([
    ['this node has changed', () => undefined],
    ['the peer was away', (known) => known.doubt(peer)],
    ['something differed', (known) => known.equalBut(peer, new Set([1]), 2)],
    ['the ring is another', (known) => known.clear()],
  ])('ends at once when %s', (what, happens) => {
    const known = proofs();
    known.equal(peer, root, 1, 0);
    expect(known.isDue(peer, () => root, 1)).toBe(false);
    happens(known);
    expect(known.isDue(peer, () => (what === 'this node has changed' ? other : root), 1)).toBe(true);
  });

  it('begins anew for a node that has changed, however long it has rested before', () => {
    const known = proofs();
    for (let i = 0; i < 40; i++) known.equal(peer, root, 1, 0);
    known.equal(peer, other, 1, 0);
    expect(known.isDue(peer, () => other, 2 * compareEveryMs)).toBe(true);
  });
});
