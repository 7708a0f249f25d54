import {
  type Example,
  errorResponseSchema,
  errorStatus,
  type OperationId,
  type OutputOf,
  operationIds,
  operationOf,
  restCall,
} from '@starling/api-types';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Edge, errorOf, outputOf, startEdge } from '../../test/edge.ts';

/** Every example of the operation table, over REST and over tRPC: one status, one shape, the same document. */

let edge: Edge;

beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.close());

beforeEach(async () => {
  await send('data.put', { key: 'greeting', value: 'hello' });
});

async function send(id: OperationId, input: unknown): Promise<Response> {
  const { method, target, headers, body } = restCall(id, input as never); // Examples are of the operation's own type.
  return fetch(edge.base + target, { method, headers, body });
}

async function sendRpc(id: OperationId, input: unknown): Promise<Response> {
  const isQuery = operationOf(id).kind === 'query';
  const url = `${edge.base}/trpc/${id}`;
  if (isQuery) return fetch(`${url}?input=${encodeURIComponent(JSON.stringify(input))}`);
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
}

const jsonOperations = operationIds.filter((id) => {
  const { wire } = operationOf(id).rest;
  return wire === undefined && operationOf(id).examples.length > 0;
});

describe.each(jsonOperations)('%s over REST', (id) => {
  test.each(operationOf(id).examples)('$name', async ({ input, error }: Example) => {
    const response = await send(id, input);
    const document: unknown = await response.json();
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('x-request-id')).toMatch(/^[\x21-\x7e]+$/);
    if (error === undefined) {
      expect(operationOf(id).output.safeParse(document).error).toBeUndefined();
      expect(response.status).toBe(200);
      if (operationOf(id).rest.etag === true) expect(response.headers.get('etag')).toMatch(/^"[^"]+"$/);
    } else {
      expect(errorResponseSchema.parse(document).error.code).toBe(error);
      expect(response.status).toBe(errorStatus[error]);
    }
  });
});

const procedures = jsonOperations.filter((id) => operationOf(id).kind !== 'none');

describe.each(procedures)('%s over tRPC', (id) => {
  test.each(operationOf(id).examples)('$name', async ({ input, error }: Example) => {
    const response = await sendRpc(id, input);
    const answer = (await response.json()) as {
      result?: { data: unknown };
      error?: { data: { error: unknown } };
    };
    if (error === undefined) {
      expect(operationOf(id).output.safeParse(answer.result?.data).error).toBeUndefined();
    } else {
      expect(errorResponseSchema.parse({ error: answer.error?.data.error }).error.code).toBe(error);
      expect(response.status).toBe(errorStatus[error]);
    }
  });
});

test('nothing of this was a fault of the server', () => {
  expect(edge.faults).toEqual([]);
});

describe('fixed names', () => {
  test('PUT and GET answer key, value and context', async () => {
    const put = await outputOf('data.put', await send('data.put', { key: 'k', value: [1] }));
    expect(put).toMatchObject({ key: 'k', value: [1], context: expect.any(String) });
    const got = await (await send('data.get', { key: 'k' })).json();
    expect(got).toMatchObject({ key: 'k', value: [1], context: put.context, siblings: [] });
  });

  test('members have nodeId, address and status, and the alive are counted', async () => {
    const members = await outputOf('gossip.members', await fetch(`${edge.base}/gossip/members`));
    expect(members.aliveMembers).toBe(1);
    expect(members.members[0]).toMatchObject({
      nodeId: 'node-1',
      address: '127.0.0.1:18100',
      status: 'alive',
    });
  });

  test('the ring has its epoch, counts, vnodes, and nodes with their ownership', async () => {
    const ring = await outputOf('cluster.ring', await fetch(`${edge.base}/api/v1/ring`));
    expect(ring).toMatchObject({ epoch: 1, physicalNodes: 1, virtualNodes: 150 });
    expect(ring.vnodes).toHaveLength(150);
    expect(ring.nodes[0]).toMatchObject({ nodeId: 'node-1', ownership: 1 });
    const lengths = ring.vnodes.map((vnode) => vnode.buckets);
    expect(lengths.reduce((a, b) => a + b)).toBe(65_536);
  });

  test("curl's default form type is read as JSON on the data routes", async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const url = `${edge.base}/api/v1/data/cluster:test`;
    const put = await fetch(url, { method: 'PUT', headers, body: '{"value":"works"}' });
    expect(await put.json()).toMatchObject({ key: 'cluster:test', value: 'works' });
    const batch = await fetch(`${edge.base}/api/v1/batch/get`, {
      method: 'POST',
      headers,
      body: '{"keys":["a"]}',
    });
    expect(batch.status).toBe(415);
  });
});

describe('causality', () => {
  test('a write with a stale context keeps both values, and a write with the newest keeps one', async () => {
    const url = `${edge.base}/api/v1/data/doc`;
    const write = async (body: object) => {
      const headers = { 'content-type': 'application/json' };
      return outputOf('data.put', await fetch(url, { method: 'PUT', headers, body: JSON.stringify(body) }));
    };
    const first = await write({ value: 'draft' });
    await write({ value: 'mine', context: first.context });
    await write({ value: 'yours', context: first.context });
    const both = await outputOf('data.get', await fetch(url));
    expect(both).toMatchObject({ value: 'yours', siblings: [{ value: 'mine' }] });
    const merged = await write({ value: 'ours', context: both.context });
    expect(merged.siblingCount).toBe(0);
    expect(await (await fetch(url)).json()).toMatchObject({ value: 'ours', siblings: [] });
  });

  test('what was deleted is 404 with a context that covers the delete', async () => {
    await send('data.put', { key: 'gone', value: 1 });
    await send('data.delete', { key: 'gone' });
    const response = await send('data.get', { key: 'gone' });
    expect(response.status).toBe(404);
    const { details } = await errorOf(response);
    const again = await send('data.put', { key: 'gone', value: 2, context: details?.['context'] });
    expect(await again.json()).toMatchObject({ value: 2, siblingCount: 0 });
  });

  test('a retry under the same request id is recognised, and another use of it refused', async () => {
    const first = await outputOf(
      'data.put',
      await send('data.put', { key: 'once', value: 1, requestId: 'r-1' }),
    );
    const retry = await outputOf(
      'data.put',
      await send('data.put', { key: 'once', value: 1, requestId: 'r-1' }),
    );
    expect(retry).toMatchObject({ repeated: true, dot: first.dot });
    const reused = await send('data.put', { key: 'once', value: 2, requestId: 'r-1' });
    expect(reused.status).toBe(409);
    expect(reused.headers.get('x-request-id')).toBe('r-1');
  });

  test('a context of another key is refused', async () => {
    const other = await outputOf('data.put', await send('data.put', { key: 'other', value: 1 }));
    const response = await send('data.put', { key: 'k', value: 1, context: other.context });
    expect((await errorOf(response)).code).toBe('invalid_context');
  });
});

describe('listing', () => {
  test('pages through all keys in the order of their bytes', async () => {
    const keys = ['list/', 'list/a', 'list/é', 'list/\u{1f426}', 'list/z'];
    for (const key of keys) await send('data.put', { key, value: 0 });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const input: object = { prefix: 'list/', limit: 2, ...(cursor === null ? {} : { cursor }) };
      const page: OutputOf<'data.list'> = await outputOf('data.list', await send('data.list', input));
      expect(page.keys.length).toBeLessThanOrEqual(2);
      seen.push(...page.keys);
      cursor = page.cursor;
    } while (cursor !== null);
    expect(seen).toEqual([...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  test('a cursor this server did not give is refused', async () => {
    for (const cursor of ['AB', 'zzz_', '_w']) {
      const response = await send('data.list', { cursor });
      expect((await errorOf(response)).code).toBe('invalid_request');
    }
  });
});
