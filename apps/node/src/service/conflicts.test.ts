import type { Conflicts, Entry } from '@starling/api-types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Edge, startEdge } from '../../test/edge.ts';

let edge: Edge;
beforeEach(async () => {
  edge = await startEdge();
});
afterEach(() => edge.close());

async function ask<Output>(method: string, path: string, body?: object): Promise<Output> {
  const response = await fetch(edge.base + path, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  return (await response.json()) as Output;
}

const put = (key: string, value: unknown, context?: string) =>
  ask<Entry>('PUT', `/api/v1/data/${key}`, { value, ...(context !== undefined && { context }) });

/** Two values of which neither's writer knew of the other's. */
async function contest(key: string): Promise<void> {
  const { context } = await put(key, 'first');
  await put(key, 'second', context);
  await put(key, 'third!', context);
}

const list = (query = '') => ask<Conflicts>('GET', `/api/v1/conflicts${query}`);

test('shows what a conflict is between, and its context settles it', async () => {
  await put('calm', 1);
  await contest('stormy');
  const { conflicts, cursor } = await list();
  expect(cursor).toBeNull();
  expect(conflicts).toMatchObject([{ key: 'stormy', deleted: false, values: [{ bytes: 8 }, { bytes: 8 }] }]);
  const { value, siblings, ...read } = await ask<Entry>('GET', '/api/v1/data/stormy');
  expect(conflicts[0]?.values.map(({ dot }) => dot)).toEqual([read.dot, ...siblings.map(({ dot }) => dot)]);
  expect([value, siblings[0]?.value]).toEqual(['third!', 'second']);

  await put('stormy', 'settled', conflicts[0]!.context);
  expect(await list()).toEqual({ conflicts: [], cursor: null });
});

test('goes on page by page, within a prefix', async () => {
  for (const key of ['a/1', 'a/2', 'a/3', 'b/1']) await contest(key);
  const first = await list('?prefix=a/&limit=2');
  expect(first.conflicts.map(({ key }) => key)).toEqual(['a/1', 'a/2']);
  const second = await list(`?prefix=a/&limit=2&cursor=${first.cursor}`);
  expect(second.conflicts.map(({ key }) => key)).toEqual(['a/3']);
  expect(second.cursor).toBeNull();
});

test('shows at most a page (apiLimits.conflictsPageMax)', async () => {
  const answer = await fetch(`${edge.base}/api/v1/conflicts?limit=101`);
  expect(answer.status).toBe(400);
  expect((await fetch(`${edge.base}/api/v1/conflicts?limit=100`)).status).toBe(200);
});
