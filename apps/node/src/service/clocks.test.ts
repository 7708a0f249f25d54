import type { ClockComparison, NodeClock } from '@starling/api-types';
import type { ActorId, Member, VersionVector } from '@starling/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Edge, startEdge } from '../../test/edge.ts';
import { compareClocks } from './clocks.ts';

const clock = (entries: Record<string, number>): VersionVector =>
  Object.entries(entries).map(([actor, counter]) => ({ actor: actor as ActorId, counter }));

describe('one clock is to another', () => {
  test.each([
    ['equal', { a: 1, b: 2 }, { a: 1, b: 2 }, []],
    ['before', { a: 1 }, { a: 1, b: 2 }, [{ actor: 'b', here: 0, there: 2 }]],
    ['after', { a: 3 }, { a: 1 }, [{ actor: 'a', here: 3, there: 1 }]],
    [
      'concurrent',
      { a: 2, b: 1 },
      { a: 1, b: 2 },
      [
        { actor: 'a', here: 2, there: 1 },
        { actor: 'b', here: 1, there: 2 },
      ],
    ],
    ['equal', {}, {}, []],
  ] as const)('%s', (order, here, there, differences) => {
    expect(compareClocks(clock(here), clock(there))).toEqual({ order, differences });
  });
});

describe('the routes', () => {
  let edge: Edge;
  beforeEach(async () => {
    edge = await startEdge();
    const [self] = edge.machine.view().members;
    const members = ['node-2', 'node-3'].map((nodeId) => ({ ...self!, nodeId }) as Member);
    edge.machine.inspection = { members };
    edge.machine.clocks = { 'node-1': clock({ a: 1, b: 5 }), 'node-2': clock({ a: 2, b: 4 }) };
  });
  afterEach(() => edge.close());

  const ask = (path: string) => fetch(`${edge.base}/api/v1/vector-clock${path}`);

  test("show this node's clock", async () => {
    const told = (await (await ask('')).json()) as NodeClock;
    expect(told.observer).toBe('node-1');
    expect(told.clock).toEqual(clock({ a: 1, b: 5 }));
  });

  test('ask the other node for its own', async () => {
    const told = (await (await ask('/compare/node-2')).json()) as ClockComparison;
    expect(told).toMatchObject({ node: 'node-2', order: 'concurrent' });
    expect(((await (await ask('/compare/node-1')).json()) as ClockComparison).order).toBe('equal');
  });

  test.each([
    ['that does not answer', 'node-3', 503],
    ['that nobody knows', 'node-9', 400],
    ['of no possible name', 'a%2Fb', 400],
    ['that is no UTF-8', '%ff', 400],
  ])('refuse a node %s', async (_, node, status) => {
    expect((await ask(`/compare/${node}`)).status).toBe(status);
  });
});
