import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import {
  type Address,
  type Hlc,
  type NodeId,
  type PeerMessage,
  parseAddress,
  parseNodeId,
} from '@starling/core';
import { encodeFrame } from '@starling/core/codec/frame.ts';
import { keyRef } from '@starling/core/ring/key.ts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { nodeLimits } from '../limits.ts';
import { clusterKeys } from './cluster-key.ts';
import { dial } from './dial.ts';
import type { Identity } from './handshake.ts';
import { HttpDoor } from './http-door.ts';
import { peerCounters } from './peer-counters.ts';
import { type LinkContext, PeerLink } from './peer-link.ts';
import { PeerLinks } from './peer-links.ts';
import { PeerListener } from './peer-listener.ts';

/** Bounds between nodes in number and time. */

const key = clusterKeys(Buffer.from('the secret of the cluster')).handshake;
const closers: (() => void)[] = [];
const soon = { timeout: 10_000, interval: 5 };

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  for (const close of closers.splice(0)) close();
});

function identity(name: string): Identity {
  return { nodeId: parseNodeId(name)!, address: parseAddress('127.0.0.1:1')!, clusterId: '' };
}

function contextOf(counters = peerCounters()): LinkContext {
  return {
    key,
    counters,
    self: () => identity('node-a'),
    random: () => 0.5,
    nowMs: () => 0,
    onLost: () => {},
    onRefused: () => {},
  };
}

async function listening(server: Server): Promise<Address> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // A server that listens on a port has one.
  return parseAddress(`127.0.0.1:${port}`)!;
}

const fetchRing: PeerMessage = { kind: 'ringFetch' };

describe('what is said in one tick', () => {
  it('leaves before the end of the tick once it fills a frame (nodeLimits.peerFrameMessages)', () => {
    const context = contextOf();
    const links = new PeerLinks(context);
    closers.push(() => links.close());
    const add = () => links.add(parseNodeId('node-b')!, parseAddress('127.0.0.1:1')!, 1 as Hlc, fetchRing);
    const posted = vi.spyOn(PeerLink.prototype, 'post');
    for (let i = 1; i < nodeLimits.peerFrameMessages; i++) add();
    expect(posted).not.toHaveBeenCalled();
    add();
    expect(posted.mock.calls.map(([{ messages }]) => messages)).toEqual([nodeLimits.peerFrameMessages]);
    links.flush();
    expect(posted).toHaveBeenCalledTimes(1);
  });

  it('goes to so many addresses, and to no more (nodeLimits.peerLinksMax)', () => {
    const context = contextOf();
    const links = new PeerLinks(context);
    const send = (i: number) => links.sendPacket(parseAddress(`127.0.0.1:${i + 1}`)!, new Uint8Array(1));
    for (let i = 0; i < nodeLimits.peerLinksMax; i++) send(i);
    expect([links.size, context.counters.messagesDropped]).toEqual([nodeLimits.peerLinksMax, 0]);
    send(nodeLimits.peerLinksMax);
    expect([links.size, context.counters.messagesDropped]).toEqual([nodeLimits.peerLinksMax, 1]);
    links.close();
  });
});

it('so many peers are connected at a time, and one that is known may come anew (nodeLimits.peerConnectionsMax)', async () => {
  const server = createHttpServer();
  const address = await listening(server);
  const listener = new PeerListener({
    key,
    counters: peerCounters(),
    self: () => ({ ...identity('node-b'), address }),
    nowMs: () => performance.now(),
    onConnected: () => {},
    onBytes: () => true,
    onLost: () => {},
    onRefused: () => {},
  });
  server.on('upgrade', (request, socket, head) => listener.upgrade(request, socket, head));
  const sockets: WebSocket[] = [];
  closers.push(() => {
    for (const socket of sockets) socket.terminate();
    listener.close();
    server.closeAllConnections();
    server.close();
  });
  const connect = async (name: string) => {
    sockets.push((await dial(address, key, identity(name), AbortSignal.timeout(30_000))).socket);
  };
  for (let at = 0; at < nodeLimits.peerConnectionsMax; at += 32)
    await Promise.all(Array.from({ length: 32 }, (_, i) => connect(`peer-${at + i}`)));
  await vi.waitFor(() => expect(listener.size).toBe(nodeLimits.peerConnectionsMax), soon);
  await expect(connect('one-more')).rejects.toThrow('503 Too Many Peers');
  await connect('peer-0');
  expect(listener.size).toBe(nodeLimits.peerConnectionsMax);
}, 60_000);

it('a host that takes the connection and says nothing is given up (nodeLimits.peerHandshakeMs)', async () => {
  const server = createServer((socket) => closers.push(() => socket.destroy()));
  const address = await listening(server);
  closers.push(() => server.close());
  const start = performance.now();
  await expect(dial(address, key, identity('node-a'), new AbortController().signal)).rejects.toThrow(
    'handshake has timed out',
  );
  // A lower bound holds on the busiest machine.
  expect(performance.now() - start).toBeGreaterThan(nodeLimits.peerHandshakeMs * 0.9);
});

it('pauses between attempts double from one bound to the other (nodeLimits.peerRetryMsMin, nodeLimits.peerRetryMsMax)', async () => {
  const server = createServer();
  const address = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  const pauses: number[] = [];
  const plainTimeout = globalThis.setTimeout;
  const counters = peerCounters();
  const link = new PeerLink(address, contextOf(counters));
  closers.push(() => link.close());
  vi.spyOn(globalThis, 'setTimeout').mockImplementation((run, ms) => {
    if (String(new Error().stack).includes('peer-link.ts')) pauses.push(ms ?? 0);
    return plainTimeout(run, 0);
  });
  for (let failures = 1; failures <= 7; failures++) {
    link.post({ to: null, bytes: new Uint8Array(1), messages: 0 });
    await vi.waitFor(() => expect(counters.connectFailures).toBe(failures), soon);
  }
  const { peerRetryMsMin, peerRetryMsMax } = nodeLimits;
  expect(pauses.slice(0, 3)).toEqual([peerRetryMsMin, 2 * peerRetryMsMin, 4 * peerRetryMsMin]);
  expect(pauses.slice(-2)).toEqual([peerRetryMsMax, peerRetryMsMax]);
});

it('a call through the HTTP door waits so long for the machine (nodeLimits.doorCallMs)', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const self: NodeId = parseNodeId('node-b')!;
  const door = new HttpDoor(
    self,
    () => 0,
    () => {},
  );
  const call: PeerMessage = { kind: 'clock', rpc: 1, epoch: 1, ref: keyRef('default', 'k'), request: '' };
  let answer: unknown = null;
  const called = door.replicate(encodeFrame(1 as Hlc, [call], 0)).then((result) => {
    answer = result;
  });
  await vi.advanceTimersByTimeAsync(nodeLimits.doorCallMs - 1);
  expect(answer).toBeNull();
  await vi.advanceTimersByTimeAsync(1);
  await called;
  expect(answer).toMatchObject({ ok: false, error: { code: 'quorum_unavailable' } });
});
