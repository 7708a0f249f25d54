import { createServer } from 'node:http';
import {
  type Address,
  type Effect,
  type Hlc,
  type Input,
  keyRef,
  type NodeId,
  type PeerMessage,
  parseAddress,
  parseNodeId,
} from '@starling/core';
import { encodeFrame } from '@starling/core/codec/frame.ts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { nodeLimits } from '../limits.ts';
import { clusterKeys } from './cluster-key.ts';
import { dial } from './dial.ts';
import { HttpDoor } from './http-door.ts';
import { PeerTraffic } from './peer-traffic.ts';

const secret = Buffer.from('the secret of the cluster');
const closers: (() => void)[] = [];
const soon = { timeout: 5000, interval: 5 };
const nowMs = () => performance.now();

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Peer {
  readonly nodeId: NodeId;
  readonly address: Address;
  readonly traffic: PeerTraffic;
  readonly inputs: Input[];
  say(to: Peer, ...messages: readonly PeerMessage[]): void;
}

async function startPeer(name: string, port: number): Promise<Peer> {
  const nodeId = parseNodeId(name)!;
  const address = parseAddress(`127.0.0.1:${port}`)!;
  const inputs: Input[] = [];
  const traffic = new PeerTraffic({
    clusterSecret: secret,
    self: () => ({ nodeId, address, clusterId: '' }),
    host: '127.0.0.1',
    port,
    random: () => 0.5,
    nowMs,
    onInput: (input) => inputs.push(input),
    onRefused: () => {},
  });
  const server = createServer();
  server.on('upgrade', (request, socket, head) => traffic.upgrade(request, socket, head));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await traffic.open();
  closers.push(() => {
    traffic.close();
    server.closeAllConnections();
    server.close();
  });
  const say = (to: Peer, ...messages: readonly PeerMessage[]) => {
    for (const message of messages)
      traffic.send({ type: 'send', to: to.nodeId, address: to.address, hlc, message });
    traffic.flushSends();
  };
  return { nodeId, address, traffic, inputs, say };
}

const hlc = 1024 as Hlc;
const fetchRing: PeerMessage = { kind: 'ringFetch' };

function clockCall(rpc: number): PeerMessage {
  return { kind: 'clock', rpc, epoch: 1, ref: keyRef('default', 'a'), request: '' };
}

function messagesOf(peer: Peer): PeerMessage[] {
  return peer.inputs.flatMap((input) => (input.type === 'message' ? [input.message] : []));
}

type Packet = Extract<Effect, { type: 'packet' }>['packet'];

function nack(sender: NodeId): Packet {
  return { kind: 'nack', sender, instanceId: '0123456789abcdef', cluster: '', view: 9, updates: [], seq: 7 };
}

describe('peer traffic', () => {
  it('carries the messages of a tick in one frame, in order, both ways', async () => {
    const [a, b] = [await startPeer('node-a', 18_392), await startPeer('node-b', 18_393)];
    a.say(b, clockCall(1), clockCall(2), fetchRing);
    await vi.waitFor(() => expect(messagesOf(b)).toEqual([clockCall(1), clockCall(2), fetchRing]), soon);
    expect(b.inputs[0]).toMatchObject({ type: 'message', from: 'node-a', hlc });
    expect(a.traffic.counters).toMatchObject({ framesSent: 1, messagesSent: 3 });
    b.say(a, fetchRing);
    await vi.waitFor(() => expect(messagesOf(a)).toEqual([fetchRing]), soon);
  });

  it('cuts a frame over its bound in two and loses nothing (nodeLimits.peerFrameBytes)', async () => {
    const [a, b] = [await startPeer('node-a', 18_392), await startPeer('node-b', 18_393)];
    const news: PeerMessage = {
      kind: 'forward',
      rpc: 1,
      epoch: 1,
      request: {
        kind: 'put',
        ref: keyRef('default', 'a'),
        level: 'quorum',
        deadlineAt: nowMs() + 60_000,
        explain: false,
        value: new Uint8Array(nodeLimits.peerFrameBytes / 8),
        context: null,
        requestId: null,
        condition: null,
        expiresAt: 0,
      },
    };
    a.say(b, ...Array.from({ length: 12 }, () => news));
    await vi.waitFor(() => expect(messagesOf(b)).toHaveLength(12), soon);
    expect(a.traffic.counters.framesSent).toBeGreaterThan(1);
    expect(a.traffic.counters.messagesDropped).toBe(0);
  });

  it('carries membership packets over UDP and over TCP, with the address to answer to', async () => {
    const [a, b] = [await startPeer('node-a', 18_392), await startPeer('node-b', 18_393)];
    const packet = nack(a.nodeId);
    for (const via of ['udp', 'tcp'] as const) {
      await vi.waitFor(() => {
        a.traffic.packet({ type: 'packet', to: b.address, via, packet });
        expect(b.inputs).toContainEqual({ type: 'packet', from: a.address, via, packet });
      }, soon);
    }
  });

  it('closes a connection on a frame that is none, counts it, and hears the next connection', async () => {
    const b = await startPeer('node-b', 18_393);
    const self = { nodeId: parseNodeId('node-a')!, address: parseAddress('127.0.0.1:1')!, clusterId: '' };
    const { handshake } = clusterKeys(secret);
    const frame = encodeFrame(hlc, [fetchRing], nowMs());
    const broken = frame.slice();
    broken[broken.length - 1]! ^= 1;
    for (const bytes of [broken, frame.subarray(0, 3), new Uint8Array(0), Uint8Array.of(0, 1, 2)]) {
      const { socket } = await dial(b.address, handshake, self, AbortSignal.timeout(5000));
      const closed = new Promise((resolve) => socket.on('close', resolve));
      socket.send(bytes);
      await closed;
    }
    expect(b.traffic.counters.framesMalformed).toBe(4);
    expect(messagesOf(b)).toEqual([]);
    const { socket } = await dial(b.address, handshake, self, AbortSignal.timeout(5000));
    socket.send(frame);
    await vi.waitFor(() => expect(messagesOf(b)).toEqual([fetchRing]), soon);
    socket.terminate();
  });

  it('tells the machine when a peer is lost', async () => {
    const a = await startPeer('node-a', 18_392);
    const nobody = { nodeId: parseNodeId('node-b')!, address: parseAddress('127.0.0.1:18394')! };
    a.traffic.send({ type: 'send', to: nobody.nodeId, address: nobody.address, hlc, message: fetchRing });
    a.traffic.flushSends();
    await vi.waitFor(() => expect(a.inputs).toContainEqual({ type: 'disconnected', peer: 'node-b' }), soon);
  });
});

describe('the HTTP door', () => {
  const self = parseNodeId('node-a')!;
  const address = parseAddress('127.0.0.1:1')!;

  it('passes one call in and the answer to it out', async () => {
    const fed: Input[] = [];
    const door = new HttpDoor(self, nowMs, (input) => fed.push(input));
    const answering = door.replicate(encodeFrame(hlc, [clockCall(7)], nowMs()));
    const input = fed[0];
    if (input?.type !== 'message' || input.message.kind !== 'clock')
      throw new Error('the call was not passed in');
    expect(input.from).toBe(self);
    const { rpc } = input.message;
    const reply = { kind: 'clockReply', rpc, result: 'ok', epoch: 1, clock: [], hlc, applied: null } as const;
    expect(door.takeSend({ type: 'send', to: self, address, hlc, message: { ...reply, rpc: 7 } })).toBe(
      false,
    );
    expect(door.takeSend({ type: 'send', to: self, address, hlc, message: reply })).toBe(true);
    expect(await answering).toMatchObject({ ok: true });
  });

  it('refuses what is no single call', async () => {
    const door = new HttpDoor(self, nowMs, () => {});
    const two = encodeFrame(hlc, [clockCall(1), clockCall(2)], nowMs());
    for (const bytes of [two, encodeFrame(hlc, [fetchRing], nowMs()), new Uint8Array(5)]) {
      expect(await door.replicate(bytes)).toMatchObject({ ok: false, error: { code: 'invalid_request' } });
    }
    expect(await door.receive(new Uint8Array(5))).toMatchObject({ ok: false });
  });

  it('lets other traffic of the machine pass', () => {
    const door = new HttpDoor(self, nowMs, () => {});
    const to = parseNodeId('node-b')!;
    expect(door.takeSend({ type: 'send', to, address, hlc, message: fetchRing })).toBe(false);
    expect(door.takePacket({ type: 'packet', to: address, via: 'udp', packet: nack(self) })).toBe(false);
  });
});
