import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { Timers } from '../base/timers.ts';
import type { PeerMessage, ReplicaResult, StoreReply } from '../node/messages.ts';
import { CallTable } from './call-table.ts';
import { ExplainTrace } from './explain-trace.ts';
import type { CoordinatorHost } from './host.ts';
import { PeerLatency } from './latency.ts';
import { Round } from './round.ts';

const [self, b, c] = ['a', 'b', 'c'] as NodeId[] as [NodeId, NodeId, NodeId];

function asking(options: { readonly sparing: boolean; readonly down?: readonly NodeId[] }) {
  const timers = new Timers();
  const sent: { readonly to: NodeId; readonly rpc: number }[] = [];
  const calls = new CallTable((to, message) => {
    if ('rpc' in message) sent.push({ to, rpc: message.rpc });
    return true;
  });
  const heard: number[] = [];
  // A round uses these parts of its host and no others.
  const host = {
    self,
    timers,
    calls,
    latency: new PeerLatency(10),
    isReachable: (node: NodeId) => !(options.down ?? []).includes(node),
    heardEpoch: (_node: NodeId, epoch: number) => heard.push(epoch),
  } as unknown as CoordinatorHost;
  const log: string[] = [];
  let local: ((result: ReplicaResult) => void) | null = null;
  const trace = new ExplainTrace(0);
  const round = new Round<StoreReply>(host, trace, {
    phase: 'store',
    set: { current: [self, b, c], pending: null },
    level: 'quorum',
    kind: 'storeReply',
    sparing: options.sparing,
    build: (rpc) => ({ kind: 'ringFetch', rpc }) as unknown as PeerMessage,
    askLocal: (then) => {
      local = (result) => then(result === 'ok' ? { kind: 'storeReply', result } : result);
    },
    answered: (node) => log.push(`ok ${node}`),
    done: () => log.push('done'),
    impossible: () => log.push('impossible'),
    exhausted: () => log.push('exhausted'),
  });
  round.start();
  const answer = (node: NodeId, result: ReplicaResult, epoch = 1) => {
    const at = sent.findIndex(({ to }) => to === node);
    const [open] = sent.splice(at, 1);
    calls.receive(node, { kind: 'storeReply', rpc: open!.rpc, result, epoch });
  };
  return {
    round,
    timers,
    sent,
    calls,
    heard,
    log,
    trace,
    answer,
    local: (result: ReplicaResult) => local?.(result),
  };
}

describe('a round of questions', () => {
  it('asks all at once, is done at its quorum, and notes who came last', () => {
    const { sent, log, answer, local, trace } = asking({ sparing: false });
    expect(sent.map(({ to }) => to)).toEqual([b, c]);
    answer(c, 'ok');
    local('ok');
    answer(b, 'ok');
    expect(log).toEqual(['ok c', 'ok a', 'done', 'ok b', 'exhausted']);
    expect(trace.steps.filter((step) => step.closedQuorum).map((step) => step.replica)).toEqual([self]);
  });

  it('asks no more than it needs when sparing, and one more when told that they are slow', () => {
    const { round, sent, log, local, answer } = asking({ sparing: true });
    expect(sent.map(({ to }) => to)).toEqual([b]);
    expect(round.askMore()).toBe(true);
    expect(round.askMore()).toBe(false);
    local('ok');
    answer(c, 'ok');
    expect(log).toEqual(['ok a', 'ok c', 'done']);
  });

  it('turns to the reserve when a replica refuses', () => {
    const { sent, log, local, answer } = asking({ sparing: true });
    local('ok');
    answer(b, 'overloaded');
    expect(sent.map(({ to }) => to)).toEqual([c]);
    answer(c, 'ok');
    expect(log).toContain('done');
  });

  it('is impossible as soon as too many have refused', () => {
    const { log, local, answer } = asking({ sparing: false });
    local('recovering');
    expect(log).toEqual([]);
    answer(b, 'diskFull');
    expect(log).toEqual(['impossible']);
  });

  it('counts a lost connection as a refusal', () => {
    const { calls, log, local } = asking({ sparing: false });
    local('ok');
    calls.disconnected(b);
    calls.disconnected(c);
    expect(log).toEqual(['ok a', 'impossible', 'exhausted']);
  });

  it('leaves out a node held for dead, unless the quorum is out of reach without it', () => {
    expect(asking({ sparing: false, down: [c] }).sent.map(({ to }) => to)).toEqual([b]);
    expect(asking({ sparing: false, down: [b, c] }).sent.map(({ to }) => to)).toEqual([b, c]);
  });

  it('asks a replica again that holds another ring, and tells of a newer one', () => {
    const { sent, heard, log, local, answer, timers } = asking({ sparing: true });
    local('ok');
    answer(b, 'staleEpoch', 9);
    expect([heard, log]).toEqual([[9], ['ok a']]);
    timers.advance(20);
    timers.runDue();
    expect(sent.map(({ to }) => to)).toEqual([b]);
    answer(b, 'ok');
    expect(log).toContain('done');
  });

  it('hears nothing more once closed', () => {
    const { round, log, local, answer } = asking({ sparing: false });
    round.close();
    local('ok');
    answer(b, 'ok');
    expect(log).toEqual([]);
  });
});
