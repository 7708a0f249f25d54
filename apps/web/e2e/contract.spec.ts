import { request as httpRequest } from 'node:http';
import { checkExamples, operationOf } from '@starling/api-types';
import { originOf } from './cluster.ts';
import { expect, test } from './fixtures.ts';

/** The public REST routes on the console's own origin, in front of real nodes. */

/** Sends the path as it stands: `fetch` would resolve its dots. */
function raw(
  origin: string,
  method: string,
  path: string,
  body = '',
): Promise<{ status: number; json: unknown }> {
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const asked = httpRequest(origin, { method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

test('every example of the contract holds on the console’s origin', async ({ baseURL, cluster }) => {
  await cluster.start(3);
  const served = (id: Parameters<typeof operationOf>[0]) =>
    operationOf(id).kind !== 'none' || id === 'service.openapi';
  const verdicts = await checkExamples(baseURL ?? '', fetch, served);
  expect(verdicts.length).toBeGreaterThan(20);
  expect(verdicts.filter((verdict) => verdict.problem !== null)).toEqual([]);
});

test('a key that is written here is read through every node, also after the first has died', async ({
  baseURL,
  cluster,
}) => {
  await cluster.start(3);
  const path = '/api/v1/data/a%2Fkey%20with%2F..%2Fall%20of%20it%F0%9F%90%A6';
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const put = await fetch(`${baseURL}${path}`, { method: 'PUT', headers, body: '{"value":"works"}' });
  expect(put.status).toBe(200);
  for (const number of [1, 2, 3]) {
    expect(await (await fetch(`${originOf(number)}${path}`)).json()).toMatchObject({ value: 'works' });
  }
  await cluster.kill(1);
  for (let i = 0; i < 6; i++) {
    const again = await fetch(`${baseURL}${path}`, { method: 'PUT', headers, body: `{"value":${i}}` });
    expect(again.status).toBe(200);
    expect(await (await fetch(`${baseURL}${path}`)).json()).toMatchObject({ value: i });
  }
});

test('what is no operation is refused in the contract’s shape, and nothing is passed on', async ({
  baseURL,
  cluster,
}) => {
  await cluster.start(1);
  for (const [method, path, status, code] of [
    ['GET', '/api/v1/nope', 404, 'no_such_route'],
    ['GET', '/api/v1/http://example.org/', 404, 'no_such_route'],
    ['POST', '/gossip/receive', 404, 'no_such_route'],
    ['PATCH', '/api/v1/data/k', 405, 'method_not_allowed'],
    ['GET', '/api/v1/data/k?node=http://example.org', 400, 'invalid_request'],
  ] as const) {
    const response = await fetch(`${baseURL}${path}`, { method });
    expect([path, response.status]).toEqual([path, status]);
    expect((await response.json()).error.code).toBe(code);
  }
});

test('a key of slashes and dots needs no escapes, and a broken escape is refused in the contract’s shape', async ({
  baseURL,
  cluster,
}) => {
  const own = baseURL ?? '';
  await cluster.start(1);
  const path = '/api/v1/data/a//b/./../c/';
  expect((await raw(own, 'PUT', path, '{"value":"works"}')).status).toBe(200);
  for (const origin of [own, originOf(1)]) {
    expect(await raw(origin, 'GET', path)).toMatchObject({
      status: 200,
      json: { key: 'a//b/./../c/', value: 'works' },
    });
  }
  for (const broken of ['/api/v1/data/%zz', '/api/v1/data/%ff', '/gossip/%']) {
    expect(await raw(own, 'GET', broken)).toMatchObject({
      status: 400,
      json: { error: { code: 'invalid_request', outcome: 'failed' } },
    });
  }
});
