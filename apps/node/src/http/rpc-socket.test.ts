import { once } from 'node:events';
import { Socket } from 'node:net';
import { apiLimits } from '@starling/api-types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Edge, startEdge } from '../../test/edge.ts';

let edge: Edge;

beforeEach(async () => {
  edge = await startEdge();
});
afterEach(() => edge.close());

async function ask(socket: WebSocket, message: string): Promise<unknown> {
  socket.send(message);
  const [data] = await once(socket, 'message');
  return JSON.parse(String(data));
}

async function open(): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${edge.port}/trpc`);
  await once(socket, 'open');
  return socket;
}

const call = (method: string, path: string, input: unknown) =>
  JSON.stringify({ id: 1, jsonrpc: '2.0', method, params: { path, input } });

test('the same procedures are served over WebSocket', async () => {
  const socket = await open();
  const put = await ask(socket, call('mutation', 'data.put', { key: 'k', value: [1] }));
  expect(put).toMatchObject({ id: 1, result: { data: { key: 'k', value: [1] } } });
  const missing = await ask(socket, call('query', 'data.get', { key: 'none' }));
  expect(missing).toMatchObject({ error: { data: { error: { code: 'not_found' } } } });
  socket.terminate();
});

test('a message is judged before it is parsed', async () => {
  const socket = await open();
  const deep = `{"id":1,"method":"mutation","params":{"path":"data.put","input":${'['.repeat(100_000)}`;
  expect(await ask(socket, deep)).toMatchObject({ error: { data: { error: { code: 'invalid_request' } } } });
  const surrogate =
    '{"id":1,"method":"mutation","params":{"path":"data.put","input":{"key":"k","value":"\\ud800"}}}';
  expect(await ask(socket, surrogate)).toMatchObject({
    error: { data: { error: { code: 'invalid_request' } } },
  });
  expect(edge.machine.seen).toEqual([]);
  socket.terminate();
});

test.each([
  ['no mask', '810548656c6c6f'],
  ['reserved bits', 'f18548656c6c6f0000000000'],
  ['a length beyond all bounds', '81ff7fffffffffffffff00000000'],
  ['text that is no UTF-8', '818100000000ff'],
  ['a bad closing code', '8882000000000001'],
])(
  'a client that speaks no WebSocket, %s, is let go, and that is no fault of the server',
  async (_, frame) => {
    const socket = await open();
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    const raw: unknown = Reflect.get(socket, '_socket');
    if (raw instanceof Socket) raw.write(Buffer.from(frame, 'hex'));
    await closed;
    expect(edge.faults).toEqual([]);
  },
);

test('as many calls as over HTTP go in one message (apiLimits.rpcBatchCallsMax)', async () => {
  const socket = await open();
  const batch = (calls: number) =>
    JSON.stringify(
      Array.from({ length: calls }, (_, id) => ({ id, method: 'query', params: { path: 'service.health' } })),
    );
  const answers: unknown[] = [];
  socket.on('message', (data) => answers.push(JSON.parse(String(data))));
  socket.send(batch(apiLimits.rpcBatchCallsMax));
  await expect.poll(() => answers.length).toBe(apiLimits.rpcBatchCallsMax);
  socket.send(batch(apiLimits.rpcBatchCallsMax + 1));
  await expect.poll(() => answers.length).toBe(apiLimits.rpcBatchCallsMax + 1);
  expect(answers.at(-1)).toMatchObject({ error: { data: { error: { code: 'invalid_request' } } } });
  socket.terminate();
});
