import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { errorResponseSchema } from '@starling/api-types';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Edge, head, sendRaw, startEdge, withBody } from '../../test/edge.ts';
import { SingleCopyMachine } from '../../test/single-copy-machine.ts';
import { type HttpLimits, httpLimits } from './limits.ts';

/** Bounds in time and number, drawn small. */

let edge: Edge;

afterEach(async () => {
  vi.useRealTimers();
  await edge.close();
  expect(edge.faults).toEqual([]);
});

async function edgeWith(limits: Partial<HttpLimits>): Promise<Edge> {
  edge = await startEdge(new SingleCopyMachine(), { closeMs: 100, ...limits });
  return edge;
}

/** Opens a connection, says `text`, and collects what comes until the server closes it. */
async function whenCut(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString();
  });
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return received;
}

function errorIn(answer: string): string {
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  const body: unknown = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
  return errorResponseSchema.parse(body).error.code;
}

describe('time', () => {
  test('headers that do not arrive in time are refused (httpLimits.headersMs, httpLimits.receiveCheckMs)', async () => {
    const { port } = await edgeWith({ headersMs: 100, requestMs: 200, receiveCheckMs: 20 });
    expect(errorIn(await whenCut(port, 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: '))).toBe('request_timeout');
  });

  test('a body that does not arrive in time is refused (httpLimits.requestMs)', async () => {
    const { port } = await edgeWith({ headersMs: 100, requestMs: 200, receiveCheckMs: 20 });
    const begun = withBody('PUT', '/api/v1/data/k', '{"value":', ['Content-Length: 100']);
    expect(errorIn(await whenCut(port, begun.toString()))).toBe('request_timeout');
    expect(edge.machine.seen).toEqual([]);
  });

  test('an idle connection is closed (httpLimits.keepAliveMs)', async () => {
    const { port } = await edgeWith({ keepAliveMs: 50 });
    const answer = await whenCut(port, head('GET', '/healthz'));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('a connection on which nothing moves is closed (httpLimits.stillMs)', async () => {
    const { port } = await edgeWith({ stillMs: 100 });
    edge.machine.hold = new Promise(() => {});
    expect(await whenCut(port, head('GET', '/api/v1/data/k'))).toBe('');
    await expect.poll(() => edge.machine.gone).toBe(1);
  });
});

describe('number', () => {
  test('connections over the bound are not kept, those within it are served (httpLimits.connectionsMax)', async () => {
    const { port } = await edgeWith({ connectionsMax: 2 });
    const kept: Socket[] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    await Promise.all(kept.map((socket) => once(socket, 'connect')));
    expect(await sendRaw(port, head('GET', '/healthz'))).toBeNull();
    kept[0]?.write(head('GET', '/healthz'));
    const [answer] = kept[0] === undefined ? [''] : await once(kept[0], 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
    for (const socket of kept) socket.destroy();
  });

  test('a connection is told to close after its number of requests, and no more are served on it (httpLimits.requestsPerConnectionMax)', async () => {
    const { port } = await edgeWith({ requestsPerConnectionMax: 2 });
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    socket.write(head('GET', '/healthz').repeat(3));
    await expect.poll(() => received).toContain('HTTP/1.1 503');
    expect(received.split('HTTP/1.1 200').length).toBe(3);
    expect(received.indexOf('Connection: close')).toBeLessThan(received.indexOf('HTTP/1.1 503'));
    socket.destroy();
  });

  test('connections for calls over WebSocket are bounded (httpLimits.rpcSocketsMax)', async () => {
    const { port } = await edgeWith({ rpcSocketsMax: 1 });
    const first = new WebSocket(`ws://127.0.0.1:${port}/trpc`);
    await once(first, 'open');
    const [error] = await once(new WebSocket(`ws://127.0.0.1:${port}/trpc`), 'error');
    expect(String(error)).toContain('429');
    first.terminate();
  });
});

describe('followers of /ws', () => {
  test('are told of a change when the state is looked at next (httpLimits.liveEveryMs)', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { port, machine } = await edgeWith({});
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    await once(socket, 'message');
    let looks = 0;
    const look = vi.spyOn(machine, 'view').mockImplementation(() => {
      looks++;
      throw new Error('looked');
    });
    vi.advanceTimersByTime(httpLimits.liveEveryMs - 1);
    expect(looks).toBe(0);
    expect(() => vi.advanceTimersByTime(1)).toThrow('looked');
    expect(looks).toBe(1);
    look.mockRestore();
    vi.useRealTimers();
    socket.terminate();
  });

  test('that do not answer a ping are let go (httpLimits.livePingMs)', async () => {
    const { port, server } = await edgeWith({ liveEveryMs: 10, livePingMs: 30 });
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { autoPong: false });
    await once(socket, 'close');
    await expect.poll(() => server.live.followers).toBe(0);
  });

  test('that answer stay', async () => {
    const { port, server, machine } = await edgeWith({ liveEveryMs: 10, livePingMs: 300 });
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    await once(socket, 'open');
    // A hundred looks, ten ms apart, outlast three pings.
    await machine.lookedAt(100);
    expect(server.live.followers).toBe(1);
    socket.terminate();
  });

  test('that stay behind too long are let go (httpLimits.liveBehindMs, httpLimits.liveBacklogBytesMax)', async () => {
    const { port, server, machine } = await edgeWith({
      liveEveryMs: 10,
      liveBehindMs: 50,
      liveBacklogBytesMax: 1000,
    });
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    await once(socket, 'message');
    socket.pause();
    const big = 'x'.repeat(1_000_000);
    for (let i = 0; i < 30; i++) server.live.event({ type: 'warning', code: `big-${i}`, message: big });
    await machine.lookedAt(2);
    await expect.poll(() => server.live.followers).toBe(0);
    socket.terminate();
  });
});

test('closing waits for requests in flight, but not for ever (httpLimits.closeMs)', async () => {
  const { port, machine } = await edgeWith({ closeMs: 50 });
  machine.hold = new Promise(() => {});
  const cut = whenCut(port, head('GET', '/api/v1/data/k'));
  await expect.poll(() => machine.waiting).toBe(1);
  await edge.close();
  expect(await cut).toBe('');
});
