import { connect } from 'node:net';
import { errorResponseSchema } from '@starling/api-types';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Edge, head, sendRaw, startEdge, withBody } from '../../test/edge.ts';

/**
 * Bad input by class: framing, bodies, keys, contexts and options, each sent as raw bytes. One oracle for all: the status
 * is the one named, the body is the contract's error and tells nothing of the program, the stored state is what it was,
 * and a fresh request right after succeeds.
 */

let edge: Edge;

beforeAll(async () => {
  edge = await startEdge();
  await sendRaw(edge.port, withBody('PUT', '/api/v1/data/before', '{"value":"here"}'));
});
afterAll(async () => {
  await edge.close();
  expect(edge.faults).toEqual([]);
});

type Case = readonly [name: string, request: string | Buffer, status: number, code: string];

async function judge([, request, status, code]: Case): Promise<void> {
  const before = edge.machine.state();
  const answer = await sendRaw(edge.port, request);
  expect(answer?.status).toBe(status);
  const { error } = errorResponseSchema.parse(JSON.parse(answer?.body ?? ''));
  expect(error.code).toBe(code);
  expect(answer?.headers['x-request-id']).toBe(error.requestId);
  expect(answer?.body).not.toMatch(/node_modules|\.ts\b|at \/|fastify|FST_|HPE_|ZodError|SyntaxError/);
  expect(edge.machine.state()).toBe(before);
  const after = await sendRaw(edge.port, head('GET', '/api/v1/data/before'));
  expect(after).toMatchObject({ status: 200 });
}

const key = '/api/v1/data/k';
const put = (body: string | Buffer, fields: readonly string[] = []) => withBody('PUT', key, body, fields);
const ok = '{"value":1}';
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

describe('A. framing', () => {
  const bad = [400, 'invalid_request'] as const;
  const cases: readonly Case[] = [
    [
      'Content-Length and Transfer-Encoding',
      put(ok, ['Transfer-Encoding: chunked', 'Content-Length: 11']),
      ...bad,
    ],
    ['two Content-Lengths', put(ok, ['Content-Length: 11', 'Content-Length: 12']), ...bad],
    ['a negative Content-Length', put(ok, ['Content-Length: -1']), ...bad],
    ['a hexadecimal Content-Length', put(ok, ['Content-Length: 0xb']), ...bad],
    ['a Content-Length with a sign', put(ok, ['Content-Length: +11']), ...bad],
    ['an endless chunk size', put('fffffffffffffffff\r\n', ['Transfer-Encoding: chunked']), ...bad],
    ['a folded header', head('GET', key, ['X-A: 1\r\n 2']), ...bad],
    ['a NUL in a header', head('GET', key, ['X-A: a\0b']), ...bad],
    ['a bare CR in a header', head('GET', key, ['X-A: a\rb']), ...bad],
    ['no Host', `GET ${key} HTTP/1.1\r\n\r\n`, ...bad],
    ['two Hosts', head('GET', key, ['Host: a', 'Host: b']), ...bad],
    ['two Authorizations', head('GET', key, ['Authorization: a', 'authorization: b']), ...bad],
    ['two Content-Types', put(ok, ['Content-Type: application/json', 'Content-Type: text/plain']), ...bad],
    ['two request ids', head('GET', key, ['X-Request-Id: a', 'X-Request-Id: b']), ...bad],
    ['a request id with a space', head('GET', key, ['X-Request-Id: a b']), ...bad],
    ['a request id of 129 characters', head('GET', key, [`X-Request-Id: ${'r'.repeat(129)}`]), ...bad],
    ['a lower-case method', head('get', key), ...bad],
    ['HTTP/0.9', `GET ${key}\r\n\r\n`, ...bad],
    ['the HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', ...bad],
    ['TLS', Buffer.from('16030100c8010000c40303', 'hex'), ...bad],
    ['a body on GET', withBody('GET', key, '{}'), ...bad],
    [
      'a body in another coding',
      put(`b\r\n${ok}\r\n0\r\n\r\n`, ['Transfer-Encoding: gzip, chunked']),
      ...bad,
    ],
    ['an unknown expectation', put(ok, ['Expect: the-unexpected']), 417, 'expectation_failed'],
    ['CONNECT', head('CONNECT', 'example.org:443'), 405, 'method_not_allowed'],
    ['TRACE', head('TRACE', key), 405, 'method_not_allowed'],
    ['a header section of 20 kB', head('GET', key, [`X-A: ${'a'.repeat(20_000)}`]), 431, 'headers_too_large'],
    ['a target of 20 kB', head('GET', `/api/v1/data/${'k'.repeat(20_000)}`), 431, 'headers_too_large'],
    ['an upgrade to something else', head('GET', key, ['Connection: Upgrade', 'Upgrade: h2c']), ...bad],
    [
      'an upgrade of /ws to something else',
      head('GET', '/ws', ['Connection: Upgrade', 'Upgrade: h2c']),
      426,
      'upgrade_required',
    ],
    [
      'an upgrade of nothing',
      head('GET', '/nope', ['Connection: Upgrade', 'Upgrade: websocket']),
      404,
      'no_such_route',
    ],
    ['a plain GET of /ws', head('GET', '/ws'), 426, 'upgrade_required'],
    ['another path', head('GET', '/api/v2/data/k'), 404, 'no_such_route'],
    ['the root', head('GET', '/'), 404, 'no_such_route'],
    ['an asterisk', head('OPTIONS', '*'), 404, 'no_such_route'],
    ['a route spelled with escapes', head('GET', '/api/v1/%64ata/k'), 404, 'no_such_route'],
  ];
  test.each(cases)('%s', (...given) => judge(given));

  test('a body shorter than it says leaves no trace', async () => {
    const before = edge.machine.state();
    const socket = connect(edge.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => {});
    socket.resume();
    socket.end(put('{"value":', ['Content-Length: 100']));
    await closed;
    expect(edge.machine.state()).toBe(before);
  });

  test('a thousand pipelined requests are all answered', async () => {
    const socket = connect(edge.port, '127.0.0.1');
    let received = '';
    const done = new Promise<void>((resolve) => {
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1');
        if (received.split('HTTP/1.1 200').length > 1000) resolve();
      });
    });
    socket.write(head('GET', '/api/v1/data/before').repeat(1000));
    await done;
    socket.destroy();
    expect(received.split('HTTP/1.1 ').length).toBe(1001);
  });
});

describe('A. media types', () => {
  const refused = [415, 'unsupported_media_type'] as const;
  const cases: readonly Case[] = [
    ['text', put(ok, ['Content-Type: text/plain']), ...refused],
    ['no type', `PUT ${key} HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n${ok}`, ...refused],
    ['an invalid type', put(ok, ['Content-Type: json']), ...refused],
    ['UTF-16', put(ok, ['Content-Type: application/json; charset=utf-16']), ...refused],
    [
      'a form on a batch',
      withBody('POST', '/api/v1/batch/get', '{"keys":["a"]}', [
        'Content-Type: application/x-www-form-urlencoded',
      ]),
      ...refused,
    ],
    ['multipart', put(ok, ['Content-Type: multipart/form-data; boundary=x']), ...refused],
    ['gzip', put(ok, ['Content-Encoding: gzip']), ...refused],
    ['brotli', put(ok, ['Content-Encoding: br']), ...refused],
    [
      'form fields',
      put('value=1', ['Content-Type: application/x-www-form-urlencoded']),
      400,
      'invalid_request',
    ],
  ];
  test.each(cases)('%s', (...given) => judge(given));
});

describe('B. size', () => {
  const limit = 1_048_576 + 786_432;
  const over = `{"value":"${'x'.repeat(limit)}"}`;
  const chunk = `${limit.toString(16)}\r\n${'x'.repeat(limit)}\r\n5\r\nxxxxx\r\n0\r\n\r\n`;
  const cases: readonly Case[] = [
    ['a body over its bound', put(over), 413, 'payload_too_large'],
    ['a chunked body over its bound', put(chunk, ['Transfer-Encoding: chunked']), 413, 'payload_too_large'],
    ['a value one byte over', put(`{"value":"${'x'.repeat(1_048_575)}"}`), 413, 'payload_too_large'],
    [
      'a value one byte over in a batch',
      withBody('POST', '/trpc/data.put', JSON.stringify({ key: 'k', value: 'x'.repeat(9_000_000) })),
      413,
      'payload_too_large',
    ],
    [
      '100 000 keys in a batch',
      withBody(
        'POST',
        '/api/v1/batch/get',
        JSON.stringify({ keys: Array.from({ length: 100_000 }, (_, i) => `${i}`) }),
      ),
      400,
      'invalid_key',
    ],
    ['a page without end', head('GET', '/api/v1/data?limit=1001'), 400, 'invalid_request'],
  ];
  test.each(cases)('%s', (...given) => judge(given));
});

describe('C. bodies', () => {
  const bad = [400, 'invalid_request'] as const;
  const cases: readonly Case[] = [
    ['bytes that are no UTF-8', put(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), ...bad],
    ['a byte order mark', put(`\ufeff${ok}`), ...bad],
    ['UTF-16', put(Buffer.from(ok, 'utf16le')), ...bad],
    ['truncated JSON', put('{"value":'), ...bad],
    ['trailing garbage', put(`${ok}]`), ...bad],
    ['two documents', put(ok + ok), ...bad],
    ['100 000 levels', put(`{"value":${nested(100_000)}}`), ...bad],
    ['33 levels', put(`{"value":${nested(33)}}`), ...bad],
    ['__proto__ beside the value', put('{"value":1,"__proto__":{"key":"x"}}'), ...bad],
    ['constructor beside the value', put('{"value":1,"constructor":1}'), ...bad],
    ['1e400', put('{"value":1e400}'), ...bad],
    ['2^53 + 1', put('{"value":9007199254740993}'), ...bad],
    ['NaN', put('{"value":NaN}'), ...bad],
    ['ten thousand digits', put(`{"value":${'9'.repeat(10_000)}}`), ...bad],
    ['half of a surrogate pair', put('{"value":"\\ud800"}'), ...bad],
    ['null', put('null'), ...bad],
    ['an array', put('[]'), ...bad],
    ['a string', put('"value"'), ...bad],
    ['no value', put('{}'), ...bad],
    ['an unknown field', put('{"value":1,"owner":"me"}'), ...bad],
    ['nothing', put(''), ...bad],
    ['white space', put(' \r\n\t'), ...bad],
    ['a TTL that is text', put('{"value":1,"ttlSeconds":"1"}'), ...bad],
    ['a TTL that overflows', put('{"value":1,"ttlSeconds":1e300}'), ...bad],
    ['a batch without items', withBody('POST', '/api/v1/batch/put', '{"items":[]}'), ...bad],
    ['a batch of scalars', withBody('POST', '/api/v1/batch/put', '{"items":[1]}'), ...bad],
    [
      'a batch that names a key twice',
      withBody('POST', '/api/v1/batch/delete', '{"items":[{"key":"before"},{"key":"before"}]}'),
      ...bad,
    ],
    [
      'rpc: 100 000 levels',
      withBody('POST', '/trpc/data.put', `{"key":"k","value":${nested(100_000)}}`),
      ...bad,
    ],
    [
      'rpc: half of a surrogate pair',
      withBody('POST', '/trpc/data.put', '{"key":"k","value":"\\ud800"}'),
      ...bad,
    ],
    [
      'rpc: bytes that are no UTF-8',
      withBody('POST', '/trpc/data.put', Buffer.from([0x22, 0xff, 0x22])),
      ...bad,
    ],
  ];
  test.each(cases)('%s', (...given) => judge(given));
});

describe('D. keys and queries', () => {
  const badKey = [400, 'invalid_key'] as const;
  const bad = [400, 'invalid_request'] as const;
  const at = (rest: string) => head('GET', `/api/v1/data/${rest}`);
  const cases: readonly Case[] = [
    ['an empty key', at(''), ...badKey],
    ['1025 bytes', at('k'.repeat(1025)), ...badKey],
    ['257 emoji', at('%F0%9F%90%A6'.repeat(257)), ...badKey],
    ['a broken escape', at('%zz'), ...badKey],
    ['half an escape', at('%4'), ...badKey],
    ['an overlong form', at('%c0%af'), ...badKey],
    ['an encoded surrogate', at('%ed%a0%80'), ...badKey],
    ['a byte that is no UTF-8', at('%ff'), ...badKey],
    ['a reserved segment', at('k/history'), ...badKey],
    ['an empty key in a batch', withBody('POST', '/api/v1/batch/get', '{"keys":[""]}'), ...badKey],
    [
      'a surrogate in a batch',
      withBody('POST', '/api/v1/batch/put', '{"items":[{"key":"\\udc00","value":1}]}'),
      ...bad,
    ],
    ['an unknown parameter', head('GET', `${key}?consistencyy=one`), ...bad],
    ['a parameter twice', head('GET', `${key}?r=1&r=2`), ...bad],
    ['an array parameter', head('GET', '/api/v1/data?prefix[]=a'), ...bad],
    ['toString', head('GET', `${key}?toString=1`), ...bad],
    ['__proto__', head('GET', `${key}?__proto__[x]=1`), ...bad],
    ['two thousand parameters', head('GET', `${key}?${'a=1&'.repeat(2000)}`), ...bad],
    ['a parameter where none is known', head('GET', '/api/v1/status?x=1'), ...bad],
    ['a parameter on a text', head('GET', '/metrics?x=1'), ...bad],
    ['a cursor that is not canonical', head('GET', '/api/v1/data?cursor=AB'), ...bad],
    ['the key of a placement empty', head('GET', '/api/v1/ring?key='), ...badKey],
  ];
  test.each(cases)('%s', (...given) => judge(given));
});

describe('E. contexts, conditions and levels', () => {
  const badContext = [400, 'invalid_context'] as const;
  const bad = [400, 'invalid_request'] as const;
  const withContext = (context: unknown) => put(JSON.stringify({ value: 1, context }));
  const level = (query: string, method: 'GET' | 'PUT' = 'GET') =>
    method === 'GET' ? head('GET', `${key}?${query}`) : withBody('PUT', `${key}?${query}`, ok);
  const cases: readonly Case[] = [
    ['a malformed context', withContext('!'), ...badContext],
    ['a context that is a number', withContext(1), ...badContext],
    ['a context of nothing', withContext('AAAA'), ...badContext],
    ['a context on DELETE', head('DELETE', `${key}?context=AAAA`), ...badContext],
    ['If-Match without quotes', put(ok, ['If-Match: a']), ...bad],
    ['If-Match of a weak tag', put(ok, ['If-Match: W/"a"']), ...bad],
    ['If-Match of nothing', put(ok, ['If-Match: ']), ...bad],
    ['If-Match given twice', put(ok, ['If-Match: "a"', 'If-Match: "b"']), ...bad],
    ['If-None-Match of a tag', put(ok, ['If-None-Match: "a"']), ...bad],
    ['If-Match and If-None-Match', put(ok, ['If-Match: "a"', 'If-None-Match: *']), ...bad],
    ['If-Match on a batch', withBody('POST', '/api/v1/batch/put', '{"items":[]}', ['If-Match: "a"']), ...bad],
    ['If-Unmodified-Since', put(ok, ['If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT']), ...bad],
    ['If-Match of a tag there is not', put(ok, ['If-Match: "a"']), 412, 'precondition_failed'],
    ['r of 0', level('r=0'), ...bad],
    ['r below 0', level('r=-1'), ...bad],
    ['r over 7', level('r=8'), ...bad],
    ['r over N', level('r=4'), ...bad],
    ['r of NaN', level('r=NaN'), ...bad],
    ['r of 1e0', level('r=1e0'), ...bad],
    ['w on a read', level('w=1'), ...bad],
    ['r on a write', level('r=1', 'PUT'), ...bad],
    ['w over N', level('w=4', 'PUT'), ...bad],
    ['two levels', level('r=1&consistency=all'), ...bad],
    ['an unknown level', level('consistency=most'), ...bad],
    ['a timeout of 0', level('timeoutMs=0'), ...bad],
    ['a timeout of 10^12', level('timeoutMs=1000000000000'), ...bad],
    ['explain=yes', level('explain=yes'), ...bad],
  ];
  test.each(cases)('%s', (...given) => judge(given));

  test('a context that was altered in one place is refused, wherever that is', async () => {
    const written = await sendRaw(edge.port, withBody('PUT', '/api/v1/data/tagged', ok));
    const { context }: { context: string } = JSON.parse(written?.body ?? '');
    for (let i = 0; i < context.length; i++) {
      const altered = context.slice(0, i) + (context[i] === 'A' ? 'B' : 'A') + context.slice(i + 1);
      const body = JSON.stringify({ value: 2, context: altered });
      await judge([`altered at ${i}`, withBody('PUT', '/api/v1/data/tagged', body), ...badContext]);
    }
  });
});
