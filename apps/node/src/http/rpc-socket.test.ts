import { once } from 'node:events';
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
