import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { type Address, type NodeId, parseAddress, parseNodeId } from '@starling/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { nodeLimits } from '../limits.ts';
import { clusterKeys } from './cluster-key.ts';
import { DialError, dial } from './dial.ts';
import type { Identity } from './handshake.ts';
import { type PeerCounters, peerCounters } from './peer-counters.ts';
import { PeerLink } from './peer-link.ts';
import { PeerListener } from './peer-listener.ts';

const key = clusterKeys(Buffer.from('the secret of the cluster')).handshake;
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function identity(name: string, port: number, clusterId = ''): Identity {
  return { nodeId: parseNodeId(name)!, address: parseAddress(`127.0.0.1:${port}`)!, clusterId };
}

interface Listening {
  readonly address: Address;
  readonly received: { readonly from: NodeId; readonly text: string }[];
  readonly lost: NodeId[];
  readonly refused: string[];
  readonly counters: PeerCounters;
  readonly listener: PeerListener;
  readonly server: Server;
}

/** A node that accepts peers; messages that begin with `!` count as malformed. */
async function listen(
  name: string,
  options: { port?: number; clusterId?: string; key?: Uint8Array } = {},
): Promise<Listening> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const self = identity(name, port, options.clusterId);
  const received: { from: NodeId; text: string }[] = [];
  const lost: NodeId[] = [];
  const refused: string[] = [];
  const counters = peerCounters();
  const listener = new PeerListener({
    key: options.key ?? key,
    counters,
    self: () => self,
    nowMs: () => performance.now(),
    onConnected: () => {},
    onBytes: (peer, bytes) => {
      const text = Buffer.from(bytes).toString();
      received.push({ from: peer.nodeId, text });
      return !text.startsWith('!');
    },
    onLost: (peer) => lost.push(peer),
    onRefused: (reason) => refused.push(reason),
  });
  server.on('upgrade', (request, socket, head) => listener.upgrade(request, socket, head));
  closers.push(() => {
    listener.close();
    server.closeAllConnections();
    server.close();
  });
  return { address: self.address, received, lost, refused, counters, listener, server };
}

interface Linked {
  readonly link: PeerLink;
  readonly lost: NodeId[];
  readonly refused: string[];
  readonly counters: PeerCounters;
  say(to: string, text: string): void;
}

function linkTo(
  address: Address,
  options: { name?: string; clusterId?: string; nowMs?: () => number } = {},
): Linked {
  const self = identity(options.name ?? 'dialer', 1, options.clusterId);
  const lost: NodeId[] = [];
  const refused: string[] = [];
  const counters = peerCounters();
  const nowMs = options.nowMs ?? (() => performance.now());
  const link = new PeerLink(address, {
    key,
    counters,
    self: () => self,
    random: () => 0.5,
    nowMs,
    onLost: (peer) => lost.push(peer),
    onRefused: (reason) => refused.push(reason),
  });
  closers.push(() => link.close());
  const say = (to: string, text: string) =>
    link.post({ to: parseNodeId(to), bytes: Buffer.from(text), messages: 1 });
  return { link, lost, refused, counters, say };
}

const soon = { timeout: 5000, interval: 5 };

describe('a link to a peer', () => {
  it('connects when there is something to say and delivers in order, with the sender’s proven name', async () => {
    const b = await listen('node-b');
    const a = linkTo(b.address, { name: 'node-a' });
    for (let i = 0; i < 100; i++) a.say('node-b', `m${i}`);
    await vi.waitFor(() => expect(b.received).toHaveLength(100), soon);
    expect(b.received.map(({ text }) => text)).toEqual(Array.from({ length: 100 }, (_, i) => `m${i}`));
    expect(new Set(b.received.map(({ from }) => from))).toEqual(new Set(['node-a']));
    expect(a.counters).toMatchObject({ connects: 1, messagesSent: 100, messagesDropped: 0 });
  });

  it('drops what is meant for another node than the one that answers', async () => {
    const b = await listen('node-b');
    const a = linkTo(b.address);
    a.say('node-x', 'for somebody else');
    a.say('node-b', 'for b');
    await vi.waitFor(() => expect(b.received.map(({ text }) => text)).toEqual(['for b']), soon);
    expect(a.counters.messagesDropped).toBe(1);
  });

  it('reports what was lost when nobody listens, and delivers again once somebody does', async () => {
    const gone = await listen('node-b');
    const port = Number(gone.address.split(':')[1]);
    closers.pop()!();
    const a = linkTo(gone.address);
    a.say('node-b', 'lost');
    await vi.waitFor(() => expect(a.lost).toEqual(['node-b']), soon);
    expect(a.counters.connectFailures).toBe(1);
    const back = await listen('node-b', { port });
    await vi.waitFor(() => {
      a.say('node-b', 'again');
      expect(back.received.length).toBeGreaterThan(0);
    }, soon);
  });

  it('tries at once when the peer has come back by itself', async () => {
    const gone = await listen('node-b');
    const port = Number(gone.address.split(':')[1]);
    closers.pop()!();
    const a = linkTo(gone.address);
    for (let failures = 1; failures <= 5; failures++) {
      a.say('node-b', 'lost');
      await vi.waitFor(() => expect(a.counters.connectFailures).toBe(failures), soon);
    }
    const back = await listen('node-b', { port });
    a.say('node-b', 'waits for the retry');
    a.link.wake();
    await vi.waitFor(
      () => expect(back.received.map(({ text }) => text)).toEqual(['waits for the retry']),
      soon,
    );
    expect(a.counters.connectFailures).toBe(5);
  });

  it('reports a broken connection on both ends', async () => {
    const b = await listen('node-b');
    const a = linkTo(b.address, { name: 'node-a' });
    a.say('node-b', 'hello');
    await vi.waitFor(() => expect(b.received).toHaveLength(1), soon);
    b.server.closeAllConnections();
    b.listener.close();
    await vi.waitFor(() => expect(a.lost).toEqual(['node-b']), soon);
    await vi.waitFor(() => expect(b.lost).toEqual(['node-a']), soon);
  });

  it('closes a connection that brings a malformed message, counts it, and accepts the next', async () => {
    const b = await listen('node-b');
    const a = linkTo(b.address, { name: 'node-a' });
    a.say('node-b', '!broken');
    await vi.waitFor(() => expect(a.lost).toEqual(['node-b']), soon);
    expect(b.counters.framesMalformed).toBe(1);
    a.say('node-b', 'well formed');
    await vi.waitFor(() => expect(b.received.at(-1)?.text).toBe('well formed'), soon);
  });

  it('says on both ends that the secret is another, and nothing where nobody listens', async () => {
    const b = await listen('node-b', { key: clusterKeys(Buffer.from('another secret')).handshake });
    const a = linkTo(b.address);
    a.say('node-b', 'hello');
    await vi.waitFor(() => expect(a.refused).toEqual([`${b.address} refused: 401 Unauthorized`]), soon);
    expect(b.refused).toEqual(['127.0.0.1 does not hold the cluster secret']);
    closers.splice(closers.length - 2, 1)[0]!();
    const gone = linkTo(b.address);
    gone.say('node-b', 'hello');
    await vi.waitFor(() => expect(gone.counters.connectFailures).toBe(1), soon);
    expect(gone.refused).toEqual([]);
  });

  it('holds at most its bound of bytes for a peer that cannot be reached (nodeLimits.peerQueueBytesMax)', async () => {
    const b = await listen('node-b');
    const a = linkTo(b.address);
    // A little less than half, because the headers of WebSocket messages count once there is a connection.
    const half = new Uint8Array(nodeLimits.peerQueueBytesMax / 2 - 1024);
    const to = parseNodeId('node-b');
    for (let i = 0; i < 3; i++) a.link.post({ to, bytes: half, messages: 1 });
    expect(a.counters.messagesDropped).toBe(1);
    await vi.waitFor(() => expect(b.counters.bytesReceived).toBe(2 * half.length), soon);
  });

  it('cuts a connection that takes nothing for too long (nodeLimits.peerStallMs)', async () => {
    let now = 0;
    const b = await listen('node-b');
    const a = linkTo(b.address, { nowMs: () => now });
    a.say('node-b', 'hello');
    await vi.waitFor(() => expect(b.received).toHaveLength(1), soon);
    const accepted = await acceptedSocket(b);
    accepted.pause();
    const to = parseNodeId('node-b');
    for (let i = 0; i < 16; i++) a.link.post({ to, bytes: new Uint8Array(1 << 20), messages: 1 });
    expect(a.link.inspect()).toBe(false);
    now += nodeLimits.peerStallMs + 1;
    await vi.waitFor(() => {
      a.link.inspect();
      now += nodeLimits.peerStallMs + 1;
      expect(a.lost).toEqual(['node-b']);
    }, soon);
    expect(a.counters.stalls).toBeGreaterThan(0);
  });

  it('says when it has not been used for too long (nodeLimits.peerIdleMs)', async () => {
    let now = 0;
    const b = await listen('node-b');
    const a = linkTo(b.address, { nowMs: () => now });
    a.say('node-b', 'hello');
    now = nodeLimits.peerIdleMs;
    expect(a.link.inspect()).toBe(false);
    now++;
    expect(a.link.inspect()).toBe(true);
  });
});

describe('a listener', () => {
  it('refuses a dialer with another secret, and a dialer refuses a listener with another', async () => {
    const b = await listen('node-b', { key: clusterKeys(Buffer.from('another secret')).handshake });
    const self = identity('node-a', 1);
    await expect(dial(b.address, key, self, AbortSignal.timeout(5000))).rejects.toThrow(DialError);
    expect(b.counters.handshakesRefused).toBe(1);
    expect(b.listener.size).toBe(0);
  });

  it('refuses a node of another cluster', async () => {
    const b = await listen('node-b', { clusterId: 'c1' });
    const dialing = dial(b.address, key, identity('node-a', 1, 'c2'), AbortSignal.timeout(5000));
    await expect(dialing).rejects.toThrow('403 Other Cluster');
  });

  it('reads nothing from who has proven nothing', async () => {
    const b = await listen('node-b');
    const socket = new WebSocket(`ws://${b.address}/peer`);
    const status = await new Promise<number>((resolve) => {
      socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
      socket.on('error', () => {});
    });
    expect(status).toBe(401);
    socket.terminate();
    expect(b.counters).toMatchObject({ framesReceived: 0, handshakesRefused: 0 });
  });

  it('lets a node that connects anew replace its old connection without calling it lost', async () => {
    const b = await listen('node-b');
    const first = await dial(b.address, key, identity('node-a', 1), AbortSignal.timeout(5000));
    const closed = new Promise((resolve) => first.socket.on('close', resolve));
    const second = await dial(b.address, key, identity('node-a', 1), AbortSignal.timeout(5000));
    await closed;
    expect(b.listener.size).toBe(1);
    expect(b.lost).toEqual([]);
    second.socket.terminate();
    await vi.waitFor(() => expect(b.lost).toEqual(['node-a']), soon);
  });

  it('outlives a message over the bound and plain garbage after the upgrade', async () => {
    const b = await listen('node-b');
    const { socket } = await dial(b.address, key, identity('node-a', 1), AbortSignal.timeout(5000));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    const raw = Reflect.get(socket, '_socket');
    raw.write(Buffer.from('ff7fffffffffffffff00000000', 'hex'));
    await closed;
    expect(b.counters.framesMalformed).toBe(1);
    const garbage = connect(Number(b.address.split(':')[1]), '127.0.0.1');
    garbage.on('error', () => {});
    garbage.write('\u0000\u0001 not http \r\n\r\n');
    const next = await dial(b.address, key, identity('node-a', 1), AbortSignal.timeout(5000));
    expect(next.peer.nodeId).toBe('node-b');
    next.socket.terminate();
    garbage.destroy();
  });
});

/** The raw socket under the only connection that `listening` has accepted. */
async function acceptedSocket(listening: Listening): Promise<{ pause(): void }> {
  const connections = await vi.waitFor(() => {
    expect(listening.listener.size).toBe(1);
    return listening.listener.connections;
  }, soon);
  const [connection] = connections.values();
  return connection!;
}
