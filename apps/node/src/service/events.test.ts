import { apiLimits, type Events } from '@starling/api-types';
import type { LoggedEvent, NodeId } from '@starling/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Edge, startEdge } from '../../test/edge.ts';

let edge: Edge;
beforeEach(async () => {
  edge = await startEdge();
});
afterEach(() => edge.close());

/** An event of the n-th millisecond, as the machine names it. */
function logged(ms: number, event: LoggedEvent['event'], count = 1): LoggedEvent {
  return { id: (ms * 256).toString(16).padStart(14, '0'), at: ms, count, event };
}

async function events(query = ''): Promise<Events> {
  const response = await fetch(`${edge.base}/api/v1/events${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Events;
}

const log = [
  logged(1000, { type: 'member', nodeId: 'n2' as NodeId, status: 'dead' }),
  logged(2000, { type: 'conflict', key: 'a/b', change: 'found' }),
  logged(3000, { type: 'repair', replica: 'n3' as NodeId, key: 'x' }, 7),
];

test('an empty log has no cursor, and none of its events are missing', async () => {
  expect(await events()).toMatchObject({ events: [], cursor: null, more: false, gap: false });
});

test('shows each event as a sentence with its facts, and goes on behind the last', async () => {
  edge.machine.log = log;
  const first = await events('?limit=2');
  expect(first.events).toMatchObject([
    { kind: 'member', message: 'n2 is dead', severity: 'warning', nodeIds: ['n2'], at: 1000 },
    { kind: 'conflict', facts: { key: 'a/b', change: 'found' } },
  ]);
  expect(first.more).toBe(true);
  const second = await events(`?cursor=${first.cursor}`);
  expect(second.events).toMatchObject([{ kind: 'repair', facts: { key: 'x', count: 7 } }]);
  const end = await events(`?cursor=${second.cursor}`);
  expect(end).toMatchObject({ events: [], cursor: second.cursor, more: false });
});

test('shows what happened since a time, that very millisecond included', async () => {
  edge.machine.log = log;
  expect((await events('?since=2000')).events).toHaveLength(2);
  expect((await events('?since=2001')).events).toHaveLength(1);
});

test.each([
  '?cursor=zz',
  '?cursor=00000000003E80',
  '?since=1&cursor=00000000003e80',
  '?since=-1',
  '?limit=0',
])('refuses %s', async (query) => {
  expect((await fetch(`${edge.base}/api/v1/events${query}`)).status).toBe(400);
});

test('a page has so many events at most (apiLimits.eventsPageMax)', async () => {
  expect((await fetch(`${edge.base}/api/v1/events?limit=501`)).status).toBe(400);
  expect((await fetch(`${edge.base}/api/v1/events?limit=500`)).status).toBe(200);
});

test('a page that does not say has so many events (apiLimits.eventsPageDefault)', async () => {
  edge.machine.log = Array.from({ length: apiLimits.eventsPageDefault + 1 }, (_, i) =>
    logged(1 + i, { type: 'member', nodeId: 'n2' as NodeId, status: 'alive' }),
  );
  const page = await events();
  expect(page.events).toHaveLength(apiLimits.eventsPageDefault);
  expect(page.more).toBe(true);
});
