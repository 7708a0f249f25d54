import { expect, test } from 'vitest';
import type { ActorId, NodeId } from '../../base/ids.ts';
import { Timers } from '../../base/timers.ts';
import type { VersionVector } from '../../causality/record.ts';
import { CallTable } from '../../coordinator/call-table.ts';
import { NodeClock } from '../../replica/node-clock.ts';
import { MemoryRows } from '../../storage/memory-rows.test-kit.ts';
import type { PeerMessage } from '../messages.ts';
import type { Parts } from '../parts.ts';
import { clockOf } from './clock.ts';

const [self, peer] = ['n1', 'n2'] as [NodeId, NodeId];
const heard: VersionVector = [{ actor: 'n2~1.0' as ActorId, counter: 7 }];

function asking(reachable = true) {
  const rows = new MemoryRows();
  const timers = new Timers();
  const sent: PeerMessage[] = [];
  const calls = new CallTable((_, message) => {
    sent.push(message);
    return reachable;
  });
  const clock = new NodeClock(null);
  // Only what the question needs of a node.
  const parts = { options: { nodeId: self }, log: rows.log, clock, timers, calls } as unknown as Parts;
  const told: (VersionVector | null)[] = [];
  const ask = (node: NodeId | null) => clockOf(parts, node, (found) => told.push(found));
  const pass = (ms: number) => {
    timers.advance(timers.now + ms);
    timers.runDue();
  };
  return { rows, clock, calls, sent, told, ask, pass };
}

test('the own clock is told once the records it tells of are on disk', () => {
  const { rows, clock, told, ask } = asking();
  clock.note(heard);
  rows.log.stage('d/0', new Uint8Array(1));
  ask(null);
  ask(self);
  expect(told).toEqual([]);
  rows.sync();
  expect(told).toEqual([heard, heard]);
});

test('a peer is asked for its own', () => {
  const { calls, sent, told, ask, pass } = asking();
  ask(peer);
  const [call] = sent;
  expect(call?.kind).toBe('nodeClock');
  if (call?.kind === 'nodeClock')
    calls.receive(peer, { kind: 'nodeClockReply', rpc: call.rpc, clock: heard });
  pass(10_000);
  expect(told).toEqual([heard]);
});

test('a peer that cannot be reached, or does not answer within three seconds, gives none', () => {
  const unreachable = asking(false);
  unreachable.ask(peer);
  expect(unreachable.told).toEqual([null]);
  const silent = asking();
  silent.ask(peer);
  silent.pass(2999);
  expect(silent.told).toEqual([]);
  silent.pass(1);
  expect(silent.told).toEqual([null]);
});
