import { describe, expect, it } from 'vitest';
import type { ActorId, Hlc, NodeId } from '../base/ids.ts';
import { Timers } from '../base/timers.ts';
import { emptyRecord, writeSibling } from '../causality/dvv-set.ts';
import type { PeerMessage, ReplicaResult } from '../node/messages.ts';
import { type KeyRef, keyRef } from '../ring/key.ts';
import { MemoryRows } from '../storage/memory-rows.test-kit.ts';
import { HintDelivery, hintWindow } from './delivery.ts';
import { HintStore } from './hint-store.ts';

const [self, back, other] = ['n1', 'n2', 'n3'] as NodeId[] as [NodeId, NodeId, NodeId];
const record = writeSibling(emptyRecord, [], {
  dot: { actor: 'n1~1.0' as ActorId, counter: 1 },
  hlc: 1 as Hlc,
  value: null,
  scoped: false,
  expiresAt: 0,
  request: '',
});

interface Sent {
  readonly target: NodeId;
  readonly key: string;
  readonly answer: (reply: PeerMessage | null) => void;
}

function delivering(hintsMax = 1000) {
  const timers = new Timers();
  const rows = new MemoryRows();
  const store = new HintStore(rows.log, hintsMax);
  const sent: Sent[] = [];
  const state = { up: true, member: true, replicas: [self, back, other] as readonly NodeId[] };
  const delivery = new HintDelivery(store, {
    self,
    timers,
    isReachable: () => state.up,
    isMember: (node) => state.member || node !== back,
    epoch: () => 3,
    replicasOf: () => state.replicas,
    heardEpoch: () => undefined,
    load: (_ref, then) => then(record),
    scan: (range, then) => rows.disk.scan(range, then),
    ask: (target, build, _withinMs, answer) => {
      const call = build(sent.length);
      if (call.kind === 'store') sent.push({ target, key: call.ref.key, answer });
    },
    delivered: () => undefined,
  });
  const answerAll = (result: ReplicaResult) => {
    for (const { answer } of sent.splice(0)) answer({ kind: 'storeReply', rpc: 0, result, epoch: 3 });
  };
  const pass = (ms: number) => {
    timers.advance(timers.now + ms);
    timers.runDue();
  };
  const owe = (count: number): KeyRef[] => {
    const refs = Array.from({ length: count }, (_, i) => keyRef('default', `key${i}`));
    for (const ref of refs) store.add(back, ref);
    return refs;
  };
  return { timers, rows, store, sent, state, delivery, answerAll, pass, owe };
}

describe('delivering hints', () => {
  it('sends to a target that is back, so many at a time, until nothing is owed', () => {
    const { store, sent, delivery, answerAll, owe } = delivering();
    owe(hintWindow + 5);
    delivery.look(back);
    expect(sent).toHaveLength(hintWindow);
    answerAll('ok');
    expect(sent).toHaveLength(5);
    answerAll('ok');
    expect([store.size, sent.length]).toEqual([0, 0]);
  });

  it('sends nothing to a target that is not reachable, and looks again by itself', () => {
    const { sent, state, delivery, pass, owe } = delivering();
    owe(1);
    state.up = false;
    delivery.look(back);
    pass(500);
    expect(sent).toHaveLength(0);
    state.up = true;
    pass(500);
    expect(sent).toHaveLength(1);
  });

  it('keeps a hint that was refused or lost, and pauses before trying again', () => {
    const { store, sent, delivery, answerAll, pass, owe } = delivering();
    owe(1);
    delivery.look(back);
    answerAll('overloaded');
    expect([store.size, sent.length]).toEqual([1, 0]);
    pass(500);
    expect(sent).toHaveLength(0);
    pass(1000);
    sent.splice(0)[0]?.answer(null);
    expect(store.size).toBe(1);
    pass(1500);
    answerAll('ok');
    expect(store.size).toBe(0);
  });

  it('keeps a hint for what was missed while an older record was on its way', () => {
    const { store, sent, delivery, answerAll, owe } = delivering();
    owe(1);
    delivery.look(back);
    owe(1);
    answerAll('ok');
    expect([store.size, sent.length]).toEqual([1, 1]);
    answerAll('ok');
    expect([store.size, sent.length]).toEqual([0, 0]);
  });

  it('owes the present replicas what a former one was owed', () => {
    const { store, state, delivery, owe } = delivering();
    owe(1);
    state.replicas = [self, other];
    delivery.look(back);
    expect([store.countFor(back), store.countFor(other)]).toEqual([0, 1]);
  });

  it('sends everything shared with a target that missed more than hints can name', () => {
    const { rows, store, sent, delivery, answerAll, pass, owe } = delivering(1);
    for (const ref of owe(2)) rows.rows.set(ref.row, new Uint8Array(1));
    expect(store.owesAll(back)).toBeGreaterThan(0);
    delivery.look(back);
    answerAll('ok');
    delivery.look(back);
    rows.answerReads();
    expect(sent.map(({ key }) => key).sort()).toEqual(['key0', 'key1']);
    answerAll('ok');
    pass(500);
    expect(store.size).toBe(0);
  });

  it('goes on with everything where a refusal stopped it, and starts over when more is owed', () => {
    const { rows, store, sent, pass, owe } = delivering(0);
    const refs = owe(200);
    for (const { row } of refs) rows.rows.set(row, new Uint8Array(1));
    const first = [...refs].sort((a, b) => (a.row < b.row ? -1 : 1))[0]?.key;
    const push = (last: ReplicaResult) => {
      pass(1000);
      const keys: string[] = [];
      for (let page = 0; page < 2; page++) {
        rows.answerReads();
        const asked = sent.splice(0);
        keys.push(...asked.map(({ key }) => key));
        const result = page === 0 ? 'ok' : last;
        for (const { answer } of asked) answer({ kind: 'storeReply', rpc: 0, result, epoch: 3 });
      }
      return { count: keys.length, fromTheFirst: keys.includes(first ?? '') };
    };
    expect(push('diskFull')).toEqual({ count: 200, fromTheFirst: true });
    expect(push('ok')).toEqual({ count: 72, fromTheFirst: false });
    store.oweAll(back);
    expect(push('diskFull')).toEqual({ count: 200, fromTheFirst: true });
    store.oweAll(back);
    expect(push('ok')).toEqual({ count: 200, fromTheFirst: true });
    expect(store.size).toBe(0);
  });

  it('passes on what a node was owed that has left the ring, whether or not it answers', () => {
    const { store, sent, state, delivery, owe, pass } = delivering();
    owe(40);
    store.oweAll(back);
    Object.assign(state, { up: false, member: false, replicas: [self, other] });
    delivery.look(back);
    pass(1000);
    expect([store.countFor(back), store.owesAll(back)]).toEqual([0, 0]);
    expect(store.countFor(other)).toBe(40);
    expect(sent).toEqual([]);
  });
});
