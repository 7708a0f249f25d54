import { connect } from 'node:net';
import { pathOfKey } from '@starling/api-types';
import type { NodeId } from '@starling/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  consoleOrigin,
  type Edge,
  errorOf,
  head,
  outputOf,
  secretText,
  sendRaw,
  startEdge,
  withBody,
} from '../../test/edge.ts';
import { httpLimits } from './limits.ts';

let edge: Edge;

beforeEach(async () => {
  edge = await startEdge();
});
afterEach(async () => {
  await edge.close();
  expect(edge.faults).toEqual([]);
});

const json = { 'content-type': 'application/json' };

describe('keys and values a person would use', () => {
  const keys = [
    'a',
    'users/ada/profile',
    ' spaced out ',
    '..',
    '../../etc/passwd',
    '__proto__',
    'constructor',
  ];
  const odd = [
    'a//b',
    '/',
    'a%2Fb',
    'a+b',
    '🐦/é/e\u0301',
    'k'.repeat(1024),
    'a?b#c',
    'a\u0000b',
    'cluster:test',
  ];

  test.each([...keys, ...odd])('key %j survives PUT, GET, list and DELETE', async (key) => {
    const url = `/api/v1/data/${pathOfKey(key)}`;
    const put = await sendRaw(edge.port, withBody('PUT', url, '{"value":"v"}'));
    expect(put).toMatchObject({ status: 200 });
    expect(JSON.parse(put?.body ?? '').key).toBe(key);
    const got = await sendRaw(edge.port, head('GET', url));
    expect(JSON.parse(got?.body ?? '')).toMatchObject({ key, value: 'v' });
    const list = await outputOf('data.list', await fetch(`${edge.base}/api/v1/data`));
    expect(list.keys).toEqual([key]);
    expect(await sendRaw(edge.port, head('DELETE', url))).toMatchObject({ status: 200 });
    expect(await sendRaw(edge.port, head('GET', url))).toMatchObject({ status: 404 });
  });

  test.each([
    '""',
    '0',
    'null',
    'false',
    '-1.5e-7',
    '[]',
    '{}',
    '{"__proto__":{"a":1},"constructor":null}',
    '"\\ud83d\\udc26 \\u0000"',
    `"${'x'.repeat(1_048_574)}"`,
    `${'['.repeat(32)}${']'.repeat(32)}`,
  ])('value %.40s comes back as it was', async (value) => {
    const put = await fetch(`${edge.base}/api/v1/data/k`, {
      method: 'PUT',
      headers: json,
      body: `{"value":${value}}`,
    });
    expect(put.status).toBe(200);
    const text = await (await fetch(`${edge.base}/api/v1/data/k`)).text();
    expect(JSON.stringify(JSON.parse(text).value)).toBe(JSON.stringify(JSON.parse(value)));
  });

  test('a path that is sent bare means the same key as one that is escaped', async () => {
    await sendRaw(edge.port, withBody('PUT', '/api/v1/data/a/../b', '{"value":1}'));
    expect(await sendRaw(edge.port, head('GET', '/api/v1/data/a%2F..%2Fb'))).toMatchObject({ status: 200 });
    expect(await sendRaw(edge.port, head('GET', '/api/v1/data/b'))).toMatchObject({ status: 404 });
    expect(await sendRaw(edge.port, head('GET', 'http://any.host/api/v1/data/a/../b'))).toMatchObject({
      status: 200,
    });
  });
});

describe('methods', () => {
  test('HEAD answers as GET does, without the body', async () => {
    await fetch(`${edge.base}/api/v1/data/k`, { method: 'PUT', headers: json, body: '{"value":1}' });
    const got = await fetch(`${edge.base}/api/v1/data/k`);
    const told = await fetch(`${edge.base}/api/v1/data/k`, { method: 'HEAD' });
    expect(told.status).toBe(200);
    expect(told.headers.get('etag')).toBe(got.headers.get('etag'));
    expect(told.headers.get('content-length')).toBe(got.headers.get('content-length'));
    expect(await told.text()).toBe('');
  });

  test('OPTIONS tells what a path has, and lets the console in', async () => {
    const plain = await fetch(`${edge.base}/api/v1/status`, { method: 'OPTIONS' });
    expect([plain.status, plain.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
    expect(plain.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await fetch(`${edge.base}/api/v1/data/k`, {
      method: 'OPTIONS',
      headers: { origin: consoleOrigin, 'access-control-request-method': 'PUT' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBe(consoleOrigin);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT');
  });

  test.each(['POST', 'PATCH', 'TRACE', 'PROPFIND', 'MKCOL'])(
    '%s of a key is 405 with Allow',
    async (method) => {
      const answer = await sendRaw(edge.port, head(method, '/api/v1/data/k'));
      expect(answer).toMatchObject({ status: 405, headers: { allow: 'DELETE, GET, HEAD, OPTIONS, PUT' } });
    },
  );
});

describe('pages of other origins', () => {
  const origin = 'http://evil.example';

  test('can change nothing', async () => {
    const headers = { origin, ...json };
    const put = await fetch(`${edge.base}/api/v1/data/k`, { method: 'PUT', headers, body: '{"value":1}' });
    expect((await errorOf(put)).code).toBe('forbidden_origin');
    const rpc = await fetch(`${edge.base}/trpc/data.put`, {
      method: 'POST',
      headers,
      body: '{"key":"k","value":1}',
    });
    expect(rpc.status).toBe(403);
    expect(edge.machine.seen).toEqual([]);
  });

  test('can read nothing', async () => {
    const got = await fetch(`${edge.base}/api/v1/status`, { headers: { origin } });
    expect(got.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('the console can', async () => {
    const got = await fetch(`${edge.base}/trpc/cluster.status`, { headers: { origin: consoleOrigin } });
    expect(got.headers.get('access-control-allow-origin')).toBe(consoleOrigin);
  });
});

describe('when the machine refuses', () => {
  test('503 says what was needed and what each replica said', async () => {
    const details = { needed: 2, answered: 1, replicas: [{ replica: 'node-2', result: 'timeout' }] };
    edge.machine.error = {
      code: 'quorum_unavailable',
      outcome: 'unknown',
      message: '2 of 3 were needed',
      details,
    };
    const response = await fetch(`${edge.base}/api/v1/data/k`, {
      method: 'PUT',
      headers: json,
      body: '{"value":1}',
    });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await errorOf(response)).toMatchObject({
      code: 'quorum_unavailable',
      outcome: 'unknown',
      details,
    });
  });

  test('readiness says why not, liveness stays', async () => {
    edge.machine.inspection = { state: 'recovering', stateReason: 'a gap in the log' };
    const ready = await fetch(`${edge.base}/readyz`);
    expect(ready.status).toBe(503);
    expect(await errorOf(ready)).toMatchObject({
      code: 'recovering',
      message: 'recovering: a gap in the log',
    });
    expect((await fetch(`${edge.base}/healthz`)).status).toBe(200);
  });

  test('without a ring there is no ring to show, and no context to read', async () => {
    edge.machine.inspection = { ring: null, state: 'joining' };
    expect((await fetch(`${edge.base}/api/v1/ring`)).status).toBe(503);
    const body = '{"value":1,"context":"abc"}';
    const put = await fetch(`${edge.base}/api/v1/data/k`, { method: 'PUT', headers: json, body });
    expect((await errorOf(put)).code).toBe('not_ready');
    const status = await outputOf('cluster.status', await fetch(`${edge.base}/api/v1/status`));
    expect(status.health.verdict).toBe('critical');
  });

  test('more replicas than the ring keeps are refused, not rounded down', async () => {
    for (const [method, query] of [
      ['GET', 'r=4'],
      ['PUT', 'w=4'],
    ] as const) {
      const init = method === 'PUT' ? { method, headers: json, body: '{"value":1}' } : { method };
      const response = await fetch(`${edge.base}/api/v1/data/k?${query}`, init);
      expect((await errorOf(response)).message).toContain('more than the 3 replicas');
    }
  });
});

test('a caller that hangs up is known to have gone', async () => {
  let release = () => {};
  edge.machine.hold = new Promise((resolve) => {
    release = resolve;
  });
  const aborter = new AbortController();
  const pending = fetch(`${edge.base}/api/v1/data/k`, { signal: aborter.signal }).catch(() => 'gone');
  await expect.poll(() => edge.machine.waiting).toBe(1);
  aborter.abort();
  expect(await pending).toBe('gone');
  await expect.poll(() => edge.machine.gone).toBe(1);
  release();
});

describe('the doors for other nodes', () => {
  const type = { 'content-type': 'application/octet-stream' };
  const authorization = `Bearer ${secretText}`;

  test.each(['/internal/replicate', '/gossip/receive'])('%s is shut without the secret', async (path) => {
    for (const given of [
      undefined,
      'Bearer',
      'Bearer wrong',
      `Basic ${secretText}`,
      `Bearer ${secretText}x`,
    ]) {
      const headers = given === undefined ? type : { ...type, authorization: given };
      const response = await fetch(edge.base + path, { method: 'POST', headers, body: 'x' });
      expect(response.status).toBe(401);
      expect((await errorOf(response)).code).toBe('unauthorized');
    }
  });

  test('take bytes and nothing else', async () => {
    const url = `${edge.base}/internal/replicate`;
    const open = await fetch(url, { method: 'POST', headers: { ...type, authorization }, body: 'x' });
    expect([open.status, await open.text()]).toEqual([200, 'x']);
    const asJson = await fetch(url, { method: 'POST', headers: { ...json, authorization }, body: '{}' });
    expect(asJson.status).toBe(415);
    const empty = await fetch(url, { method: 'POST', headers: { ...type, authorization } });
    expect(empty.status).toBe(400);
  });
});

test('metrics are text, and the document is the contract', async () => {
  const metrics = await fetch(`${edge.base}/metrics`);
  expect(metrics.headers.get('content-type')).toContain('text/plain');
  const document = await outputOf('service.openapi', await fetch(`${edge.base}/api/v1/openapi.json`));
  expect(document['openapi']).toBe('3.1.0');
});

test('the health line names its culprits', async () => {
  const member = edge.machine.view().members[0];
  const dead = { nodeId: 'node-2' as NodeId, status: 'dead' } as const;
  const ring = edge.machine.ringOf(['node-1', 'node-2', 'node-3']);
  edge.machine.inspection = { ring, members: member === undefined ? [] : [member, { ...member, ...dead }] };
  const { health } = await outputOf('cluster.status', await fetch(`${edge.base}/api/v1/status`));
  expect(health.verdict).toBe('critical');
  expect(health.reasons.map((reason) => [reason.code, reason.subject])).toEqual([
    ['quorum_lost', { kind: 'ring', id: '1' }],
    ['node_dead', { kind: 'node', id: 'node-2' }],
    ['node_unheard', { kind: 'node', id: 'node-3' }],
  ]);
});

describe('every answer says that it is what it says, and that no cache may keep it', () => {
  const put = (path: string, body: string) => withBody('PUT', path, body);
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket'];
  test.each<[string, string | Buffer]>([
    ['a write', put('/api/v1/data/k', '{"value":1}')],
    ['a read', head('GET', '/api/v1/data/k')],
    ['a batch', withBody('POST', '/api/v1/batch/get', '{"keys":["k"]}')],
    ['no value', head('GET', '/api/v1/data/none')],
    ['no route', head('GET', '/nope')],
    ['another method', head('PATCH', '/api/v1/data/k')],
    ['a preflight', head('OPTIONS', '/api/v1/data/k')],
    ['a body over its bound', put('/nope', 'x'.repeat(20_000))],
    ['a body of another type', withBody('PUT', '/api/v1/data/k', '1', ['Content-Type: text/html'])],
    ['metrics', head('GET', '/metrics')],
    ['the document', head('GET', '/api/v1/openapi.json')],
    ['a call', head('GET', '/trpc/cluster.status')],
    ['a call of nothing', head('GET', '/trpc/no.such')],
    ['no HTTP', 'what is this\r\n\r\n'],
    ['an expectation', head('GET', '/healthz', ['Expect: the-unexpected'])],
    [
      'a closed door',
      withBody('POST', '/internal/replicate', 'x', ['Content-Type: application/octet-stream']),
    ],
    ['an upgrade of nothing', head('GET', '/nope', upgrade)],
    ['an upgrade from another origin', head('GET', '/ws', [...upgrade, 'Origin: http://evil.example'])],
  ])('%s', async (_, request) => {
    const answer = await sendRaw(edge.port, request);
    expect(answer?.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  });
});

describe('a client that asks before it sends its body', () => {
  const asking = (bytes: number) =>
    head('PUT', '/api/v1/data/k', [
      'Content-Type: application/json',
      'Expect: 100-continue',
      `Content-Length: ${bytes}`,
    ]);

  test('is told to go on, and is served', async () => {
    const answer = await sendRaw(edge.port, `${asking(11)}{"value":1}`);
    expect(answer?.status).toBe(200);
  });

  test('is told at once when the body is too large', async () => {
    const answer = await sendRaw(edge.port, asking(100_000_000));
    expect([answer?.status, answer?.headers['connection']]).toEqual([413, 'close']);
    expect(JSON.parse(answer?.body ?? '').error.code).toBe('payload_too_large');
  });
});

test('a client that is refused while it sends still gets the answer', async () => {
  // More than fits the buffers of both ends: without reading on, the connection would be reset.
  const answer = await sendRaw(edge.port, head('GET', '/healthz', [`X-Endless: ${'x'.repeat(30_000_000)}`]));
  expect(answer?.status).toBe(431);
});

test('a refused client that goes on sending is cut off (httpLimits.lingerMs)', async () => {
  const socket = connect({ port: edge.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  socket.resume();
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.write(head('get', '/healthz'));
  const start = performance.now();
  const drip = setInterval(() => socket.write('x'), 10);
  await closed;
  clearInterval(drip);
  // A lower bound holds on the busiest machine.
  expect(performance.now() - start).toBeGreaterThan(0.9 * httpLimits.lingerMs);
});

test('UTF-8 may be spelled without its hyphen', async () => {
  const put = withBody('PUT', '/api/v1/data/k', '{"value":1}', [
    'Content-Type: application/json; charset=utf8',
  ]);
  expect((await sendRaw(edge.port, put))?.status).toBe(200);
});
