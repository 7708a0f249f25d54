import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { keyRef } from '../ring/key.ts';
import { Ring } from '../ring/ring.ts';
import type { RingMember, RingStatus } from '../ring/ring-doc.ts';
import { MemoryRows } from '../storage/memory-rows.test-kit.ts';
import { HintStore } from './hint-store.ts';
import { Newcomers } from './newcomers.ts';

const [n1, n2, n3, n4] = ['n1', 'n2', 'n3', 'n4'] as NodeId[] as [NodeId, NodeId, NodeId, NodeId];

/** Four nodes whose arcs are equal and in order; `n4` is what the test says. */
function ringOf(epoch: number, ofN4: RingStatus | null): Ring {
  const member = (nodeId: NodeId, place: number, status: RingStatus): RingMember => ({
    nodeId,
    zone: '',
    weight: 1,
    status,
    tokens: [place * 16_384],
  });
  const members = [n1, n2, n3].map((nodeId, place) => member(nodeId, place, 'normal'));
  if (ofN4 !== null) members.push(member(n4, 3, ofN4));
  const change = ofN4 === 'joining' ? { operation: 'o', replicas: 3, shapes: [] } : null;
  return new Ring({ epoch, clusterId: 'c', replicas: 3, members, change, operations: [] });
}

const without = ringOf(7, null);
const joining = ringOf(8, 'joining');
const joined = ringOf(9, 'normal');
/** A key that the joining node is to hold. */
const taken = Array.from({ length: 100 }, (_, i) => keyRef('default', `k${i}`)).find(({ bucket }) =>
  joining.isReplica(n4, bucket),
)!;

function opened(rows = new MemoryRows()) {
  const hints = new HintStore(rows.log, 10);
  const newcomers = new Newcomers(rows.log, hints, n1);
  for (const [row, value] of rows.rows) if (!hints.restore(row)) newcomers.restore(row, value);
  return { rows, hints, newcomers };
}

describe('a ring that gives keys to new replicas', () => {
  it('owes them what anybody is owed, from the moment they are to hold it', () => {
    const { hints, newcomers } = opened();
    newcomers.ringChanged(without, null);
    hints.add(n2, taken);
    newcomers.ringChanged(joining, without);
    expect(hints.targets()).toEqual([n2, n4]);
  });

  it('owes nobody a key of which nobody is owed anything', () => {
    const { hints, newcomers } = opened();
    newcomers.ringChanged(joining, without);
    expect(hints.size).toBe(0);
  });

  it('owes only those that are new', () => {
    const { hints, newcomers } = opened();
    newcomers.ringChanged(joining, without);
    hints.add(n2, taken);
    newcomers.ringChanged(joined, joining);
    expect(hints.targets()).toEqual([n2]);
  });

  it('owes them everything where somebody is owed everything', () => {
    const { hints, newcomers } = opened();
    newcomers.ringChanged(without, null);
    hints.oweAll(n2);
    newcomers.ringChanged(joining, without);
    expect([hints.owesAll(n2), hints.owesAll(n3), hints.owesAll(n4)]).toEqual([1, 0, 1]);
  });

  it('is looked at again after a crash that lost the hints but not the ring, and only then', () => {
    const { rows, hints, newcomers } = opened();
    newcomers.ringChanged(without, null);
    hints.add(n2, taken);
    rows.sync();
    newcomers.ringChanged(joining, without);

    const afterCrash = opened(rows);
    afterCrash.newcomers.ringChanged(joining, null);
    expect(afterCrash.hints.countFor(n4)).toBe(1);
    rows.sync();
    afterCrash.hints.remove(n4, taken, 1);
    rows.sync();

    const next = opened(rows);
    next.newcomers.ringChanged(joining, null);
    expect(next.hints.countFor(n4)).toBe(0);
  });
});
