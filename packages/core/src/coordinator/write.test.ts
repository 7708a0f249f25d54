import { describe, expect, it } from 'vitest';
import type { ActorId, Hlc, MonoMs, NodeId, WallMs } from '../base/ids.ts';
import { Timers } from '../base/timers.ts';
import { emptyRecord } from '../causality/dvv-set.ts';
import { HlcClock } from '../causality/hlc.ts';
import type { StoredRecord } from '../causality/record.ts';
import { emptyClock } from '../causality/version-vector.ts';
import type { PeerMessage } from '../node/messages.ts';
import { keyRef } from '../ring/key.ts';
import type { Ring } from '../ring/ring.ts';
import { CallTable, type Numbered } from './call-table.ts';
import type { CoordinatorHost, LocalReplica } from './host.ts';
import { PeerLatency } from './latency.ts';
import type { ClientAnswer, PutRequest } from './request.ts';
import { WriteOperation } from './write.ts';

const [self, b, c] = ['a', 'b', 'c'] as NodeId[] as [NodeId, NodeId, NodeId];
const seen = { clock: emptyClock, hlc: 0 as Hlc, applied: null };

const request: PutRequest = {
  kind: 'put',
  ref: keyRef('default', 'k'),
  level: 'quorum',
  deadlineAt: 1000 as MonoMs,
  explain: false,
  value: new Uint8Array(1),
  context: null,
  condition: null,
  requestId: null,
  expiresAt: 0 as WallMs,
};

function ringOf(epoch: number): Ring {
  // An operation asks its ring these two things.
  return { epoch, replicasOf: () => ({ current: [self, b, c], pending: null }) } as unknown as Ring;
}

/** A put whose own replica gets the record off the disk when the test says so. */
function writing() {
  const sent: { readonly to: NodeId; readonly message: Extract<PeerMessage, Numbered> }[] = [];
  const calls = new CallTable((to, message) => {
    if ('rpc' in message) sent.push({ to, message });
    return true;
  });
  const updates: Parameters<LocalReplica['update']>[] = [];
  // A write without a request id uses these parts of its host and no others.
  const host = {
    self,
    timers: new Timers(),
    calls,
    hlc: new HlcClock(1000),
    wallMs: () => 1 as WallMs,
    latency: new PeerLatency(10),
    isReachable: () => true,
    heardEpoch: () => undefined,
    mint: () => ({ actor: 'a' as ActorId, counter: 1 }),
    unsettled: { begin: () => undefined, settle: () => undefined },
    local: {
      bytesOf: () => 0,
      clock: (...[, , then]: Parameters<LocalReplica['clock']>) => then(seen),
      update: (...asked: Parameters<LocalReplica['update']>) => updates.push(asked),
    },
  } as unknown as CoordinatorHost;
  const answers: ClientAnswer[] = [];
  const write = new WriteOperation(() => undefined, host, request, {
    answer: (answer) => answers.push(answer),
    finished: () => undefined,
  });
  write.placeOn(ringOf(1));
  write.start();
  const answerClock = (epoch: number) => {
    const [{ to, message }] = sent.splice(0) as [(typeof sent)[number]];
    calls.receive(to, { kind: 'clockReply', rpc: message.rpc, result: 'ok', epoch, ...seen });
  };
  const refuseClocks = () => {
    for (const { to, message } of sent) {
      if (message.kind === 'clock')
        calls.receive(to, { kind: 'clockReply', rpc: message.rpc, result: 'recovering', epoch: 2, ...seen });
    }
  };
  const load = (record: StoredRecord = emptyRecord) => updates.shift()?.[1](record);
  const outcomes = () => answers.map((each) => (each.kind === 'error' ? each.error.outcome : each.kind));
  return { write, calls, updates, answerClock, refuseClocks, load, outcomes };
}

describe('a write', () => {
  it('has failed when no replica can say what it has seen', () => {
    const { calls, outcomes } = writing();
    for (const peer of [b, c]) calls.disconnected(peer);
    expect(outcomes()).toEqual(['failed']);
  });

  it('has not failed when it came to exist while a new ring had it begin again', () => {
    const { write, calls, answerClock, refuseClocks, load, outcomes } = writing();
    answerClock(1);
    write.ringChanged(ringOf(2));
    load();
    refuseClocks();
    expect(outcomes()).toEqual([]);
    for (const peer of [b, c]) calls.disconnected(peer);
    expect(outcomes()).toEqual(['unknown']);
  });

  it('has not failed when this node refuses to write it a second time', () => {
    const { write, updates, answerClock, load, outcomes } = writing();
    answerClock(1);
    write.ringChanged(ringOf(2));
    answerClock(2);
    load();
    updates.shift()?.[3]('recovering');
    expect(outcomes()).toEqual([]);
  });
});
