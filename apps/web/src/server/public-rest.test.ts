import {
  type ApiError,
  type Example,
  errorResponseSchema,
  errorStatus,
  failed,
  type OperationId,
  operationIds,
  operationOf,
  restCall,
} from '@starling/api-types';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Gateway, serveRest } from './public-rest.ts';

const origin = 'http://console.example';
const calls: {
  id: OperationId;
  input: unknown;
  requestId: string | undefined;
  timeoutMs: number | undefined;
}[] = [];
const faults: unknown[] = [];
let error: ApiError | null = null;

/** Nodes that answer every call with what a test wants. */
const gateway: Gateway = {
  client: {
    call: async (id, input, options) => {
      calls.push({ id, input, requestId: options?.requestId, timeoutMs: options?.timeoutMs });
      if (error !== null) return { result: { ok: false, error }, requestId: 'r', endpoint: null };
      return { result: { ok: true, output: { etag: '"e"' } as never }, requestId: 'r', endpoint: null };
    },
  },
  freshId: () => 'fresh',
};

beforeEach(() => {
  calls.length = 0;
  faults.length = 0;
  error = null;
});

function send(method: string, target: string, init: RequestInit = {}): Promise<Response> {
  const request = new Request(`${origin}${target}`, { method, ...init });
  return serveRest(gateway, request, (fault) => faults.push(fault));
}

async function codeOf(response: Response): Promise<string> {
  const told = errorResponseSchema.parse(await response.json()).error;
  expect(errorStatus[told.code]).toBe(response.status);
  expect(response.headers.get('x-request-id')).toBe(told.requestId);
  return told.code;
}

const json = { 'content-type': 'application/json' };
const put = (body: BodyInit, headers: Record<string, string> = json) =>
  send('PUT', '/api/v1/data/k', { headers, body });

const served = operationIds.filter((id) => operationOf(id).kind !== 'none');

describe.each(served)('%s', (id) => {
  test.each(operationOf(id).examples)('$name reaches a node as it was meant', async ({ input }: Example) => {
    const { method, target, headers, body } = restCall(id, input as never); // The example is this operation's own.
    const response = await send(method, target, { headers, body });
    expect(response.status).toBe(200);
    expect(calls).toEqual([expect.objectContaining({ id, input })]);
    if (operationOf(id).rest.etag === true) expect(response.headers.get('etag')).toBe('"e"');
  });
});

test.each(operationIds.filter((id) => operationOf(id).kind === 'none' && id !== 'service.openapi'))(
  '%s is not served here',
  async (id) => {
    const { method, path } = operationOf(id).rest;
    const body = method === 'POST' ? 'x' : null;
    expect(await codeOf(await send(method, path, { body }))).toBe('no_such_route');
    expect(calls).toEqual([]);
  },
);

test('the document is the contract', async () => {
  const response = await send('GET', '/api/v1/openapi.json');
  expect(await response.json()).toMatchObject({ openapi: '3.1.0' });
});

describe('the same edge as a node’s', () => {
  test.each([
    ['another path', () => send('GET', '/api/v1/nope'), 'no_such_route'],
    ['another method', () => send('PATCH', '/api/v1/data/k', { body: '{}' }), 'method_not_allowed'],
    ['text', () => put('{"value":1}', { 'content-type': 'text/plain' }), 'unsupported_media_type'],
    ['gzip', () => put('x', { ...json, 'content-encoding': 'gzip' }), 'unsupported_media_type'],
    ['a body over its bound', () => put('x'.repeat(1_048_576 + 786_433)), 'payload_too_large'],
    ['no UTF-8', () => put(new Uint8Array([0x22, 0xff, 0x22])), 'invalid_request'],
    ['a byte order mark', () => put('\ufeff{"value":1}'), 'invalid_request'],
    ['100 000 levels', () => put(`{"value":${'['.repeat(100_000)}`), 'invalid_request'],
    ['an unknown field', () => put('{"value":1,"owner":1}'), 'invalid_request'],
    ['an unknown parameter', () => send('GET', '/api/v1/data/k?x=1'), 'invalid_request'],
    ['a condition of no form', () => put('{"value":1}', { ...json, 'if-match': 'a' }), 'invalid_request'],
    [
      'a bad request id',
      () => send('GET', '/api/v1/data/k', { headers: { 'x-request-id': 'a b' } }),
      'invalid_request',
    ],
    ['an empty key', () => send('GET', '/api/v1/data/'), 'invalid_key'],
    [
      'a page of another origin',
      () => put('{"value":1}', { ...json, origin: 'http://evil.example', host: 'console.example' }),
      'forbidden_origin',
    ],
  ] as const)('refuses %s before any node hears of it', async (_, request, code) => {
    expect(await codeOf(await request())).toBe(code);
    expect(calls).toEqual([]);
  });

  test("reads curl's form type as JSON on the data routes", async () => {
    const response = await put('{"value":"works"}', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(response.status).toBe(200);
    expect(calls[0]?.input).toEqual({ key: 'k', value: 'works' });
  });

  test('tells the methods of a path', async () => {
    const options = await send('OPTIONS', '/api/v1/data/k');
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'DELETE, GET, HEAD, OPTIONS, PUT']);
    expect((await send('PATCH', '/api/v1/status', { body: '{}' })).headers.get('allow')).toBe(
      'GET, HEAD, OPTIONS',
    );
  });

  test('answers HEAD without a body', async () => {
    const response = await send('HEAD', '/api/v1/data/k');
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});

describe('towards the nodes', () => {
  test('a caller’s request id goes with the call, so that a retry of its own is recognised', async () => {
    const response = await put('{"value":1}', { ...json, 'x-request-id': 'mine' });
    expect([calls[0]?.requestId, response.headers.get('x-request-id')]).toEqual(['mine', 'mine']);
  });

  test('the time a caller gives bounds the whole call, the node’s own answer first', async () => {
    await send('GET', '/api/v1/data/k?timeoutMs=500');
    expect(calls[0]?.timeoutMs).toBe(1500);
  });

  test('what a node says is handed on', async () => {
    error = failed('quorum_unavailable', '2 needed', { needed: 2 });
    const response = await send('GET', '/api/v1/data/k');
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await codeOf(response)).toBe('quorum_unavailable');
  });

  test('a fault is told to the operator and not to the caller', async () => {
    const broken: Gateway = { ...gateway, client: { call: () => Promise.reject(new Error('secret path')) } };
    const response = await serveRest(broken, new Request(`${origin}/api/v1/status`), (fault) =>
      faults.push(fault),
    );
    const text = await response.text();
    expect([response.status, text.includes('secret'), faults.length]).toEqual([500, false, 1]);
  });
});
