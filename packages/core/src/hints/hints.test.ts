import { describe, expect, it } from 'vitest';
import type { ActorId, NodeId } from '../base/ids.ts';
import { keyRef } from '../ring/key.ts';
import { MemoryRows } from '../storage/memory-rows.test-kit.ts';
import { HintStore } from './hint-store.ts';
import { UnsettledLog } from './unsettled-log.ts';

const [n1, n2, n3] = ['n1', 'n2', 'n3'] as NodeId[] as [NodeId, NodeId, NodeId];
const ref = keyRef('default', 'a/b');
const dot = { actor: 'n1~1.0' as ActorId, counter: 7 };

function opened(rows = new MemoryRows(), perTargetMax = 10) {
  const hints = new HintStore(rows.log, perTargetMax);
  const unsettled = new UnsettledLog(rows.log, hints);
  for (const row of rows.rows.keys()) if (!hints.restore(row)) unsettled.restore(row);
  return { rows, hints, unsettled };
}

describe('hints', () => {
  it('survive a restart, one for each key and target however often it was missed', () => {
    const { rows, hints } = opened();
    hints.add(n2, ref);
    hints.add(n2, ref);
    hints.add(n3, ref);
    rows.sync();
    const again = opened(rows).hints;
    expect([again.countFor(n2), again.countFor(n3), again.size]).toEqual([1, 1, 2]);
    expect(again.next(n2, 5, () => false)).toEqual([ref]);
  });

  it('are gone for good once removed', () => {
    const { rows, hints } = opened();
    hints.add(n2, ref);
    rows.sync();
    hints.remove(n2, ref, hints.timesOwed(n2, ref));
    rows.sync();
    expect(opened(rows).hints.size).toBe(0);
    expect(hints.holds(ref)).toBe(false);
  });

  it('give way to one mark at the bound, which outlives a delivery that began before more was owed', () => {
    const { rows, hints } = opened(new MemoryRows(), 1);
    hints.add(n2, ref);
    hints.add(n2, keyRef('default', 'b'));
    const mark = hints.owesAll(n2);
    expect(mark).toBeGreaterThan(0);
    hints.add(n2, keyRef('default', 'c'));
    hints.removeAllMark(n2, mark);
    expect(hints.owesAll(n2)).toBeGreaterThan(0);
    rows.sync();
    const again = opened(rows).hints;
    again.removeAllMark(n2, again.owesAll(n2));
    expect([again.owesAll(n2), again.countFor(n2)]).toEqual([0, 1]);
  });
});

describe('hints found at boot', () => {
  it('give way to the mark over the bound, and are gone from the disk', () => {
    const { rows, hints } = opened(new MemoryRows(), 2);
    hints.add(n2, ref);
    hints.add(n2, keyRef('default', 'b'));
    rows.sync();
    const again = opened(rows, 1);
    expect([again.hints.countFor(n2), again.hints.owesAll(n2)]).toEqual([1, 1]);
    rows.sync();
    expect([...rows.rows.keys()].map((row) => row.slice(0, 2)).sort()).toEqual(['h/', 'm/']);
  });
});

describe('unsettled writes', () => {
  it('leave nothing behind when every replica has them', () => {
    const { rows, unsettled } = opened();
    unsettled.begin(dot, ref);
    expect(unsettled.holds(ref)).toBe(true);
    unsettled.settle(dot, ref, []);
    unsettled.flush();
    rows.sync();
    expect(rows.rows.size).toBe(0);
    expect(unsettled.holds(ref)).toBe(false);
  });

  it('become hints for those who missed them', () => {
    const { hints, unsettled } = opened();
    unsettled.begin(dot, ref);
    unsettled.settle(dot, ref, [n3]);
    expect(hints.targets()).toEqual([n3]);
  });

  it('found at boot become hints for every other replica of the key', () => {
    const { rows, unsettled } = opened();
    unsettled.begin(dot, ref);
    rows.sync();
    const next = opened(rows);
    expect(next.unsettled.holds(ref)).toBe(true);
    next.unsettled.adopt(() => [n1, n2, n3], n1);
    rows.sync();
    expect(next.hints.targets()).toEqual([n2, n3]);
    expect(opened(rows).unsettled.holds(ref)).toBe(false);
  });
});
