import { describe, expect, it } from 'vitest';
import type { ActorId, Hlc, NodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { emptyRecord, withVote, writeSibling } from '../causality/dvv-set.ts';
import type { StoredRecord } from '../causality/record.ts';
import type { PeerMessage } from '../node/messages.ts';
import { noBallot } from '../paxos/ballot.ts';
import { keyRef } from '../ring/key.ts';
import { planDone, planFirst, planJoin } from '../ring/plan.ts';
import { Ring } from '../ring/ring.ts';
import { MemoryRows } from '../storage/memory-rows.test-kit.ts';
import { RecordStore } from './record-store.ts';
import { Replica, type ReplicaHost } from './replica.ts';
import { RequestMemory } from './request-memory.ts';

const [self, peer] = ['n1', 'n2'] as NodeId[] as [NodeId, NodeId];
const ref = keyRef('default', 'a');
const first = planFirst('0123456789abcdef', { nodeId: self, zone: 'z', weight: 1 }, 1);
const second = planDone(planJoin(first, { nodeId: peer, zone: 'z', weight: 1 })!)!;

function version(counter: number, value: Uint8Array | null = new Uint8Array(1)): StoredRecord {
  const dot = { actor: 'n1~1.0' as ActorId, counter };
  return writeSibling(emptyRecord, [], {
    dot,
    hlc: counter as Hlc,
    value,
    scoped: false,
    expiresAt: 0,
    request: '',
  });
}

function serving() {
  const rows = new MemoryRows();
  const state = {
    ring: new Ring(first) as Ring | null,
    recovering: false,
    diskLow: false,
    overloaded: false,
    settle: ((_ref, _record, then) => then('recovering')) as ReplicaHost['settle'],
  };
  const sent: PeerMessage[] = [];
  const heard: number[] = [];
  const records = new RecordStore(rows.log, rows.disk, {
    cacheBytesMax: 1 << 20,
    onCorrupt: () => undefined,
  });
  const replica = new Replica({
    self,
    records,
    requests: new RequestMemory(rows.log, rows.disk, () => 0),
    ring: () => state.ring,
    recovering: () => state.recovering,
    diskLow: () => state.diskLow,
    owed: () => false,
    settle: (...asked) => state.settle(...asked),
    overloaded: () => state.overloaded,
    heardEpoch: (_node, epoch) => heard.push(epoch),
    send: (_to, message) => sent.push(message),
  });
  const store = (record: StoredRecord, epoch = 1) =>
    replica.receiveStore(peer, { kind: 'store', rpc: 1, epoch, ref, record, counted: true });
  const read = (epoch = 1, digest = false) =>
    replica.receiveRead(peer, { kind: 'read', rpc: 2, epoch, ref, digest });
  const results = () => sent.map((message) => ('result' in message ? message.result : message.kind));
  return { rows, state, sent, heard, replica, store, read, results };
}

describe('a replica', () => {
  it('acknowledges a store when it is on disk, not before', () => {
    const { rows, store, results } = serving();
    store(version(1));
    rows.answerReads();
    rows.log.flush();
    expect(results()).toEqual([]);
    rows.sync();
    expect(results()).toEqual(['ok']);
  });

  it('refuses what is over its bound of open calls, and takes calls again after (limits.replicaCallsMax)', () => {
    const { rows, read, sent, results } = serving();
    for (let i = 0; i < limits.replicaCallsMax; i++) read();
    expect(sent).toEqual([]);
    read();
    expect(results()).toEqual(['overloaded']);
    rows.answerReads();
    expect(results()).toHaveLength(limits.replicaCallsMax + 1);
    read();
    rows.answerReads();
    expect(results().at(-1)).toBe('ok');
  });

  it('answers a read only with what is on disk, not with a write still on its way', () => {
    const { rows, store, read, results } = serving();
    store(version(1));
    rows.answerReads();
    read();
    expect(results()).toEqual([]);
    rows.sync();
    expect(results()).toEqual(['ok', 'ok']);
  });

  it('acknowledges a copy that a round has settled when it is on its own disk, not when it is chosen', () => {
    const { rows, state, store, replica, results } = serving();
    const bound = (record: StoredRecord, round: number, accepted: boolean) => {
      const ballot = { round, actor: 'n1~1.0' as ActorId };
      return withVote(record, {
        promised: ballot,
        accepted: accepted ? ballot : noBallot,
        recent: [],
        settled: 0,
      });
    };
    const hand = (record: StoredRecord) =>
      replica.receiveStore(peer, { kind: 'store', rpc: 3, epoch: 1, ref, record, counted: false });
    store(version(1));
    replica.prepare(ref, { round: 1, actor: 'n1~1.0' as ActorId }, '', {
      promised: () => undefined,
      refused: () => undefined,
    });
    rows.settle();
    state.settle = (_ref, _record, then) => then('ok');
    hand(version(2));
    rows.settle();
    expect(results()).toEqual(['ok', 'outbid']);

    state.settle = (_ref, copy, then) => {
      replica.learn(ref, bound(copy, 2, true), () => undefined);
      then('ok');
    };
    hand(version(2));
    rows.log.flush();
    expect(results()).toEqual(['ok', 'outbid']);
    rows.sync();
    expect(results()).toEqual(['ok', 'outbid', 'ok']);
  });

  it('writes nothing for a record it already has', () => {
    const { rows, store, results } = serving();
    store(version(1));
    rows.settle();
    const before = rows.log.lastSeq;
    store(version(1));
    rows.settle();
    expect([results(), rows.log.lastSeq]).toEqual([['ok', 'ok'], before]);
  });

  it('gives a digest instead of the record when asked to', () => {
    const { rows, store, read, sent } = serving();
    store(version(1));
    rows.settle();
    read(1, true);
    expect(sent[1]).toMatchObject({ kind: 'readReply', result: 'ok', record: null });
    expect(sent[1]).toHaveProperty('digest', expect.stringMatching(/^[0-9a-f]{16}$/));
  });

  it('refuses an older ring epoch, and asks for a newer one', () => {
    const { state, store, read, heard, results } = serving();
    state.ring = new Ring(second);
    store(version(1), 2);
    read(4);
    expect([results(), heard]).toEqual([['staleEpoch', 'unknownEpoch'], [4]]);
  });

  it('holds the fence at the moment of the write, when the record comes off the disk late', () => {
    const { rows, state, store, results } = serving();
    store(version(1));
    state.ring = new Ring(second);
    rows.settle();
    expect(results()).toEqual(['staleEpoch']);
    expect(rows.rows.has(ref.row)).toBe(false);
  });

  it('refuses a key that is not its own', () => {
    const { state, replica, results } = serving();
    const ring = new Ring(second);
    state.ring = ring;
    const foreign = Array.from({ length: 50 }, (_, i) => keyRef('default', `k${i}`)).find(
      (key) => !ring.isReplica(self, key.bucket),
    )!;
    replica.receiveStore(peer, {
      kind: 'store',
      rpc: 1,
      epoch: 3,
      ref: foreign,
      record: version(1),
      counted: true,
    });
    replica.receiveRead(peer, { kind: 'read', rpc: 2, epoch: 3, ref: foreign, digest: false });
    expect(results()).toEqual(['notReplica', 'notReplica']);
  });

  it('writes nothing of its own accord under a key that a new ring has taken away meanwhile', () => {
    const { rows, state, replica } = serving();
    const results: string[] = [];
    const foreign = Array.from({ length: 50 }, (_, i) => keyRef('default', `k${i}`)).find(
      (key) => !new Ring(second).isReplica(self, key.bucket),
    )!;
    replica.merge(foreign, version(1), (result) => results.push(result));
    state.ring = new Ring(second);
    rows.settle();
    expect([results, rows.rows.size]).toEqual([['notReplica'], 0]);
  });

  it('while recovering stores what it is given, and vouches for nothing that it shows', () => {
    const { rows, state, store, read, sent, replica } = serving();
    state.recovering = true;
    store(version(1));
    read();
    replica.read(ref, (record) => expect(record).toBe('recovering'));
    replica.clock(ref, '', (seen) => expect(seen).toBe('recovering'));
    rows.settle();
    expect(sent).toMatchObject([
      { kind: 'storeReply', result: 'ok' },
      { kind: 'readReply', result: 'recovering', record: { siblings: [{ hlc: 1 }] } },
    ]);
    expect.assertions(3);
  });

  it('on a full disk refuses values and takes deletes', () => {
    const { rows, state, store, results } = serving();
    state.diskLow = true;
    store(version(1));
    store(version(2, null));
    rows.settle();
    expect(results()).toEqual(['diskFull', 'ok']);
  });

  it('refuses at once when too much waits for the disk', () => {
    const { state, store, read, replica, results } = serving();
    state.overloaded = true;
    store(version(1));
    read();
    expect(results()).toEqual(['overloaded', 'overloaded']);
    expect(replica.openCalls).toBe(0);
  });

  it('says of damaged bytes that they are damaged', () => {
    const { rows, store, read, results } = serving();
    rows.rows.set(ref.row, 'corrupt');
    read();
    store(version(1));
    rows.settle();
    expect(results()).toEqual(['corrupt', 'corrupt']);
  });
});
