import { apiLimits } from '@starling/api-types';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Edge, head, outputOf, secretText, sendRaw, startEdge, withBody } from '../../test/edge.ts';
import { SingleCopyMachine } from '../../test/single-copy-machine.ts';
import { httpLimits } from './limits.ts';

/** Sizes of requests and answers at each bound of the contract, and one over it. */

let edge: Edge;

beforeAll(async () => {
  edge = await startEdge();
});
afterAll(async () => {
  await edge.close();
  expect(edge.faults).toEqual([]);
});

/** Status and error code of the answer to raw bytes. */
async function judged(
  request: string | Buffer,
): Promise<readonly [status: number | undefined, code: string | undefined]> {
  const answer = await sendRaw(edge.port, request);
  const document: unknown = answer?.headers['content-type']?.startsWith('application/json')
    ? JSON.parse(answer.body)
    : null;
  const error =
    typeof document === 'object' && document !== null ? Reflect.get(document, 'error') : undefined;
  return [
    answer?.status,
    typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined,
  ];
}

const ok = [200, undefined] as const;
const tooLarge = [413, 'payload_too_large'] as const;

describe('keys and values', () => {
  const { keyBytesMax, valueBytesMax, jsonDepthMax } = apiLimits;
  const put = (body: string) => judged(withBody('PUT', '/api/v1/data/k', body));

  test('a key of so many bytes is taken, one more is not (apiLimits.keyBytesMax)', async () => {
    const at = (length: number) =>
      judged(withBody('PUT', `/api/v1/data/${'k'.repeat(length)}`, '{"value":1}'));
    expect(await at(keyBytesMax)).toEqual(ok);
    expect(await at(keyBytesMax + 1)).toEqual([400, 'invalid_key']);
  });

  test('a value of so many bytes is taken, one more is not (apiLimits.valueBytesMax)', async () => {
    const value = (bytes: number) => put(`{"value":"${'x'.repeat(bytes - 2)}"}`);
    expect(await value(valueBytesMax)).toEqual(ok);
    expect(await value(valueBytesMax + 1)).toEqual(tooLarge);
  });

  test('a value of so many levels is taken, one more is not (apiLimits.jsonDepthMax)', async () => {
    const value = (levels: number) => put(`{"value":${'['.repeat(levels)}${']'.repeat(levels)}}`);
    expect(await value(jsonDepthMax)).toEqual(ok);
    expect(await value(jsonDepthMax + 1)).toEqual([400, 'invalid_request']);
  });
});

describe('bodies', () => {
  /** Blanks before a document are part of the body and of nothing else. */
  const padded = (text: string, bytes: number) => ' '.repeat(bytes - text.length) + text;

  test('a value of the greatest size with all that may surround it (apiLimits.envelopeBytesMax)', async () => {
    const { valueBytesMax, envelopeBytesMax } = apiLimits;
    const largest = `{"value":"${'x'.repeat(valueBytesMax - 2)}"}`;
    const put = (bytes: number) => judged(withBody('PUT', '/api/v1/data/k', padded(largest, bytes)));
    expect(await put(valueBytesMax + envelopeBytesMax)).toEqual(ok);
    expect(await put(valueBytesMax + envelopeBytesMax + 1)).toEqual(tooLarge);
  });

  test('a context of the greatest size is judged and not too long (apiLimits.contextCharsMax)', async () => {
    const put = (chars: number) => {
      const context = 'A'.repeat(chars);
      return judged(withBody('PUT', '/api/v1/data/k', JSON.stringify({ value: 1, context })));
    };
    expect(await put(apiLimits.contextCharsMax)).toEqual([400, 'invalid_context']);
    expect(await put(apiLimits.contextCharsMax + 1)).toEqual([400, 'invalid_context']);
  });

  test('a batch over REST and over tRPC (apiLimits.batchBytesMax)', async () => {
    const { batchBytesMax } = apiLimits;
    for (const path of ['/api/v1/batch/put', '/trpc/batch.put']) {
      const status = async (bytes: number) => {
        const body = padded('{"items":[{"key":"k","value":1}]}', bytes);
        const headers = { 'content-type': 'application/json' };
        return (await fetch(edge.base + path, { method: 'POST', headers, body })).status;
      };
      expect([await status(batchBytesMax), await status(batchBytesMax + 1)]).toEqual([200, 413]);
    }
  });

  test('a body where none is taken is read so far, and no further (apiLimits.smallBodyBytesMax)', async () => {
    const { smallBodyBytesMax } = apiLimits;
    const nowhere = (bytes: number) => judged(withBody('POST', '/nowhere', padded('{}', bytes)));
    expect(await nowhere(smallBodyBytesMax)).toEqual([404, 'no_such_route']);
    expect(await nowhere(smallBodyBytesMax + 1)).toEqual(tooLarge);
  });

  test.each([
    ['/internal/replicate', apiLimits.peerBodyBytesMax],
    ['/gossip/receive', apiLimits.packetBodyBytesMax],
  ])(
    'of other nodes to %s (apiLimits.peerBodyBytesMax, apiLimits.packetBodyBytesMax)',
    async (path, bytesMax) => {
      const fields = ['Content-Type: application/octet-stream', `Authorization: Bearer ${secretText}`];
      const send = (bytes: number) => judged(withBody('POST', path, Buffer.alloc(bytes), fields));
      expect(await send(bytesMax)).toEqual(ok);
      expect(await send(bytesMax + 1)).toEqual(tooLarge);
    },
  );
});

test('calls in one tRPC batch (apiLimits.rpcBatchCallsMax)', async () => {
  const status = async (calls: number) => {
    const names = Array.from({ length: calls }, () => 'service.health').join();
    const input = encodeURIComponent(
      JSON.stringify(Object.fromEntries(Array.from({ length: calls }, (_, i) => [i, {}]))),
    );
    return (await fetch(`${edge.base}/trpc/${names}?batch=1&input=${input}`)).status;
  };
  expect(await status(apiLimits.rpcBatchCallsMax)).toBe(200);
  expect(await status(apiLimits.rpcBatchCallsMax + 1)).toBe(400);
});

test('a page holds so many keys unless it says, and at most so many (apiLimits.listPageKeysDefault, apiLimits.listPageKeysMax)', async () => {
  const machine = new SingleCopyMachine();
  const listing = await startEdge(machine);
  const keys = Array.from({ length: apiLimits.listPageKeysMax + 1 }, (_, i) => `list/${i}`);
  for (let at = 0; at < keys.length; at += apiLimits.batchItemsMax) {
    const items = keys.slice(at, at + apiLimits.batchItemsMax).map((key) => ({ key, value: 1 }));
    await fetch(`${listing.base}/api/v1/batch/put`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ items }),
    });
  }
  const page = async (query: string) => {
    const response = await fetch(`${listing.base}/api/v1/data${query}`);
    if (response.status !== 200) return response.status;
    const { keys, cursor } = await outputOf('data.list', response);
    return [keys.length, typeof cursor];
  };
  expect(await page('')).toEqual([apiLimits.listPageKeysDefault, 'string']);
  expect(await page(`?limit=${apiLimits.listPageKeysMax}`)).toEqual([apiLimits.listPageKeysMax, 'string']);
  expect(await page(`?limit=${apiLimits.listPageKeysMax + 1}`)).toBe(400);
  await listing.close();
});

describe('the header section', () => {
  test('fields at the bound are read, one more is refused and not dropped (httpLimits.headersMax)', async () => {
    const request = (fields: number) => {
      // `Host` is one of them, and the last of them is the one that must not be lost.
      const filling = Array.from({ length: fields - 2 }, (_, i) => `X-${i}: 1`);
      return sendRaw(edge.port, head('GET', '/healthz', [...filling, 'X-Request-Id: the-last']));
    };
    const most = await request(httpLimits.headersMax);
    expect([most?.status, most?.headers['x-request-id']]).toEqual([200, 'the-last']);
    expect((await request(httpLimits.headersMax + 1))?.status).toBe(431);
  });

  test('bytes below the bound are read, those over it are refused (httpLimits.headerBytesMax)', async () => {
    const request = (bytes: number) => {
      const fixed = ['/healthz', 'Host', '127.0.0.1', 'X-Filling'].join('').length;
      return judged(head('GET', '/healthz', [`X-Filling: ${'a'.repeat(bytes - fixed)}`]));
    };
    expect(await request(httpLimits.headerBytesMax - 1)).toEqual(ok);
    expect(await request(httpLimits.headerBytesMax)).toEqual([431, 'headers_too_large']);
  });
});
