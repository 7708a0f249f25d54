import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { allReplicas, isStrict, needed, Quorum } from './quorum.ts';

const [a, b, c, d] = ['a', 'b', 'c', 'd'] as NodeId[] as [NodeId, NodeId, NodeId, NodeId];
const settled = { current: [a, b, c], pending: null };
const moving = { current: [a, b, c], pending: [b, c, d] };

describe('how many answers a level needs', () => {
  it.each([
    [1, 1, 1, 1],
    [2, 1, 2, 2],
    [3, 1, 2, 3],
    [5, 1, 3, 5],
    [7, 1, 4, 7],
  ])('of %i replicas: one %i, quorum %i, all %i', (size, one, quorum, all) => {
    expect([needed('one', size), needed('quorum', size), needed('all', size)]).toEqual([one, quorum, all]);
  });

  it('never needs more than there are', () => {
    expect(needed({ count: 3 }, 2)).toBe(2);
  });

  it('is strict when any majority must share a replica with it', () => {
    expect([1, 2, 3].map((count) => isStrict({ count }, 3))).toEqual([false, true, true]);
  });
});

describe('a quorum', () => {
  it('is complete at its number, once', () => {
    const quorum = new Quorum(settled, 'quorum');
    expect(quorum.ack(a)).toBe(false);
    expect(quorum.ack(b)).toBe(true);
    expect(quorum.ack(c)).toBe(false);
  });

  it('counts a node once, however often it answers', () => {
    const quorum = new Quorum(settled, 'quorum');
    quorum.ack(a);
    quorum.ack(a);
    expect(quorum.satisfied).toBe(false);
  });

  it('never counts a node that is no replica', () => {
    const quorum = new Quorum(settled, 'quorum');
    quorum.ack(a);
    quorum.ack(d);
    expect(quorum.satisfied).toBe(false);
  });

  it('needs a majority of the old replicas and one of the new while an arc moves', () => {
    const old = new Quorum(moving, 'quorum');
    old.ack(a);
    expect(old.ack(b)).toBe(false);
    expect(old.ack(d)).toBe(true);
    const young = new Quorum(moving, 'quorum');
    young.ack(d);
    expect(young.ack(c)).toBe(false);
    expect(young.ack(b)).toBe(true);
  });

  it('is impossible once too many replicas of either side have refused', () => {
    const quorum = new Quorum(moving, 'quorum');
    quorum.refuse(d);
    expect(quorum.possible).toBe(true);
    quorum.refuse(c);
    expect(quorum.possible).toBe(false);
  });

  it('takes level one from the old replicas only, because the new ones are not complete', () => {
    const quorum = new Quorum(moving, 'one');
    quorum.ack(d);
    expect(quorum.satisfied).toBe(false);
    expect(quorum.ack(a)).toBe(true);
  });
});

it('lists every replica once, old ones first', () => {
  expect(allReplicas(moving)).toEqual([a, b, c, d]);
});
