import { once } from 'node:events';
import { applyLiveMessage, type LiveMessage, type LiveState, liveMessageSchema } from '@starling/api-types';
import type { NodeId } from '@starling/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Edge, startEdge } from '../../../test/edge.ts';
import { httpLimits } from '../limits.ts';

let edge: Edge;

beforeEach(async () => {
  edge = await startEdge();
});
afterEach(() => edge.close());

/** A follower that keeps every message, checked against the contract, and the state they make. */
class Follower {
  readonly messages: LiveMessage[] = [];
  state: LiveState | null = null;
  readonly socket: WebSocket;

  constructor(port: number) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    this.socket.on('message', (data) => {
      const message = liveMessageSchema.parse(JSON.parse(String(data)));
      this.messages.push(message);
      this.state = applyLiveMessage(this.state, message, 100);
    });
  }
}

test('the first message is a snapshot, and it is whole', async () => {
  const follower = new Follower(edge.port);
  await expect.poll(() => follower.messages.length).toBe(1);
  expect(follower.messages[0]).toMatchObject({ type: 'snapshot', observer: 'node-1' });
  expect(follower.state).toMatchObject({
    members: [{ nodeId: 'node-1' }],
    ring: { virtualNodes: 150 },
    events: [],
  });
});

test('what changes is told, what does not is not, and the sequence has no gap', async () => {
  const follower = new Follower(edge.port);
  await expect.poll(() => follower.messages.length).toBe(1);
  edge.machine.inspection = { hints: [{ target: 'node-2' as NodeId, pending: 3, everything: false }] };
  edge.server.live.event({ type: 'hint', target: 'node-2' as NodeId, pending: 3, change: 'kept' });
  await expect.poll(() => follower.messages.length).toBe(4);
  expect(follower.messages.map((message) => message.type)).toEqual(['snapshot', 'hints', 'health', 'events']);
  const sequences = follower.messages.map((message) => message.sequence);
  expect(sequences).toEqual(sequences.map((_, i) => (sequences[0] ?? 0) + i));
  expect(follower.state?.hints).toEqual([{ target: 'node-2', pending: 3, everything: false }]);
  expect(follower.state?.events[0]).toMatchObject({ kind: 'hint', nodeIds: ['node-2'] });
});

test('one who comes later has the same state and the tail of the events', async () => {
  const first = new Follower(edge.port);
  await expect.poll(() => first.messages.length).toBe(1);
  edge.server.live.event({ type: 'warning', code: 'test', message: 'something' });
  const second = new Follower(edge.port);
  await expect.poll(() => second.state?.events.length).toBe(1);
  await expect.poll(() => first.state?.events.length).toBe(1);
  expect(second.state?.events).toEqual(first.state?.events);
});

test('each event of the machine is told as a sentence', async () => {
  const follower = new Follower(edge.port);
  await expect.poll(() => follower.messages.length).toBe(1);
  const peer = 'node-2' as NodeId;
  edge.server.live.event({ type: 'member', nodeId: peer, status: 'suspect' });
  edge.server.live.event({ type: 'ring', epoch: 2, reason: 'node-2 joins' });
  edge.server.live.event({ type: 'repair', key: 'k', replica: peer });
  edge.server.live.event({ type: 'state', state: 'recovering', reason: 'a gap' });
  edge.server.live.event({ type: 'corrupt', row: 'd/0' });
  await expect.poll(() => follower.state?.events.length).toBe(5);
  expect(follower.state?.events.map((event) => [event.kind, event.severity])).toEqual([
    ['member', 'warning'],
    ['ring', 'info'],
    ['repair', 'info'],
    ['state', 'warning'],
    ['corrupt', 'critical'],
  ]);
});

describe('bounds', () => {
  test('a follower that speaks at length is let go (httpLimits.liveMessageBytesMax)', async () => {
    const follower = new Follower(edge.port);
    await once(follower.socket, 'open');
    const longest = 'x'.repeat(httpLimits.liveMessageBytesMax);
    follower.socket.send(longest);
    follower.socket.ping();
    await once(follower.socket, 'pong');
    expect(edge.server.live.followers).toBe(1);
    follower.socket.send(`${longest}x`);
    await once(follower.socket, 'close');
    await expect.poll(() => edge.server.live.followers).toBe(0);
  });

  test('a page of another origin may not follow', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${edge.port}/ws`, { origin: 'http://evil.example' });
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('403');
  });

  test('one over the number of followers is refused (httpLimits.liveClientsMax)', async () => {
    const followers = Array.from(
      { length: httpLimits.liveClientsMax },
      () => new WebSocket(`ws://127.0.0.1:${edge.port}/ws`),
    );
    await Promise.all(followers.map((socket) => once(socket, 'open')));
    const [error] = await once(new WebSocket(`ws://127.0.0.1:${edge.port}/ws`), 'error');
    expect(String(error)).toContain('429');
    for (const socket of followers) socket.terminate();
  });

  test('one that does not read is given a snapshot instead of a queue (httpLimits.liveBacklogBytesMax)', async () => {
    const follower = new Follower(edge.port);
    await expect.poll(() => follower.messages.length).toBe(1);
    follower.socket.pause();
    const big = 'x'.repeat(1_000_000);
    for (let i = 0; i < 16; i++) edge.server.live.event({ type: 'warning', code: `big-${i}`, message: big });
    await edge.machine.lookedAt(2);
    edge.server.live.event({ type: 'warning', code: 'missed', message: 'told by the snapshot' });
    await edge.machine.lookedAt(2);
    follower.socket.resume();
    await expect.poll(() => follower.state?.events.length, { timeout: 5000 }).toBe(17);
    expect(follower.messages.map((message) => message.type)).toEqual(['snapshot', 'events', 'snapshot']);
  });
});
