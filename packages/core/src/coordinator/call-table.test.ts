import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { PeerMessage, StoreReply } from '../node/messages.ts';
import { CallTable } from './call-table.ts';

const peer = 'b' as NodeId;
const stranger = 'c' as NodeId;
const reply = (rpc: number): StoreReply => ({ kind: 'storeReply', rpc, result: 'ok', epoch: 1 });

function table(reachable = true) {
  const sent: PeerMessage[] = [];
  const calls = new CallTable((_to, message) => {
    if (reachable) sent.push(message);
    return reachable;
  });
  const answers: (string | null)[] = [];
  const call = () => calls.call(peer, reply, (answer) => answers.push(answer === null ? null : answer.kind));
  return { calls, sent, answers, call };
}

describe('the call table', () => {
  it('hands an answer to its call, once', () => {
    const { calls, answers, call } = table();
    const rpc = call();
    calls.receive(peer, reply(rpc));
    calls.receive(peer, reply(rpc));
    expect(answers).toEqual(['storeReply']);
    expect(calls.size).toBe(0);
  });

  it('ignores what a peer still answers to an earlier life', () => {
    const before = new CallTable(() => true, 5000);
    const asked = before.call(peer, reply, () => undefined);
    const answers: unknown[] = [];
    const after = new CallTable(() => true, 900_000);
    after.call(peer, reply, (answer) => answers.push(answer));
    after.receive(peer, reply(asked));
    expect(answers).toEqual([]);
  });

  it('ignores an answer from a node that was not asked', () => {
    const { calls, answers, call } = table();
    calls.receive(stranger, reply(call()));
    expect(answers).toEqual([]);
  });

  it('tells every open call of a peer that its connection is gone', () => {
    const { calls, answers, call } = table();
    call();
    call();
    calls.disconnected(stranger);
    calls.disconnected(peer);
    expect(answers).toEqual([null, null]);
  });

  it('forgets a closed call', () => {
    const { calls, answers, call } = table();
    const rpc = call();
    calls.close(rpc);
    calls.receive(peer, reply(rpc));
    expect(answers).toEqual([]);
  });

  it('fails at once when the peer has no address', () => {
    const { calls, answers, call } = table(false);
    call();
    expect(answers).toEqual([null]);
    expect(calls.size).toBe(0);
  });

  it('fails a call over its bound, and takes calls again below it (limits.coordinatorCallsMax)', () => {
    const { calls, answers, call } = table();
    const first = call();
    for (let i = 1; i < limits.coordinatorCallsMax; i++) call();
    expect(answers).toEqual([]);
    call();
    expect([answers, calls.size]).toEqual([[null], limits.coordinatorCallsMax]);
    calls.close(first);
    call();
    expect(answers).toEqual([null]);
  });
});
