import { describe, expect, it } from 'vitest';
import type { ActorId, NodeId } from '../base/ids.ts';
import { Timers } from '../base/timers.ts';
import { emptyRecord } from '../causality/dvv-set.ts';
import type { StoredRecord } from '../causality/record.ts';
import type { PeerMessage } from '../node/messages.ts';
import { noBallot } from '../paxos/ballot.ts';
import { keyRef } from '../ring/key.ts';
import { Agreement } from './agreement.ts';
import { carriedOn } from './agreement-view.ts';
import { CallTable, type Numbered } from './call-table.ts';
import { ExplainTrace } from './explain-trace.ts';
import type { CoordinatorHost } from './host.ts';
import { KeyTurns } from './key-turns.ts';
import { PeerLatency } from './latency.ts';

const [self, b, c] = ['a', 'b', 'c'] as NodeId[] as [NodeId, NodeId, NodeId];
const ref = keyRef('default', 'k');

interface Ends {
  decide(own: StoredRecord): StoredRecord | null;
  proposed(value: StoredRecord): void;
  durable(): void;
}

/** An agreement at level `all` whose own disk reports what it has stored when the test says so. */
function agreeing() {
  const timers = new Timers();
  const sent: { readonly to: NodeId; readonly message: Extract<PeerMessage, Numbered> }[] = [];
  const calls = new CallTable((to, message) => {
    if ('rpc' in message) sent.push({ to, message });
    return true;
  });
  const proposals: Ends[] = [];
  let ballots = 0;
  // An agreement uses these parts of its host and no others.
  const host = {
    self,
    timers,
    calls,
    random: { uint32: () => 0 },
    latency: new PeerLatency(10),
    turns: new KeyTurns(),
    isReachable: () => true,
    heardEpoch: () => undefined,
    ballotActor: () => `a~${++ballots}` as ActorId,
    mint: () => ({ actor: 'a' as ActorId, counter: 1 }),
    unsettled: { begin: () => undefined, settle: () => undefined },
    local: {
      promised: (_ref: unknown, then: (ballot: typeof noBallot) => void) => then(noBallot),
      prepare: (
        _ref: unknown,
        _ballot: unknown,
        _request: string,
        ends: { promised(seen: { record: StoredRecord; applied: null }): void },
      ) => ends.promised({ record: emptyRecord, applied: null }),
      propose: (_ref: unknown, _ballot: unknown, ends: Ends) => {
        const value = ends.decide(emptyRecord);
        proposals.push(ends);
        if (value !== null) ends.proposed(value);
      },
    },
  } as unknown as CoordinatorHost;
  const chosen: StoredRecord[] = [];
  const agreement = new Agreement(host, new ExplainTrace(0), {
    ref,
    request: '',
    level: () => 'all',
    placement: () => ({ set: { current: [self, b, c], pending: null }, epoch: 1 }),
    decide: ({ value }) => ({ value, note: { actor: 'a' as ActorId, counter: 1 } }),
    chosen: (value) => chosen.push(value),
    unavailable: () => undefined,
    refused: () => undefined,
    over: () => undefined,
  });
  agreement.start();
  const answer = (from: NodeId, result: 'ok' | 'outbid', round: number) => {
    const at = sent.findIndex(({ to }) => to === from);
    const { message } = sent.splice(at, 1)[0]!;
    const promised = { round, actor: 'x' as ActorId };
    const common = { rpc: message.rpc, result, epoch: 1, promised };
    if (message.kind === 'prepare')
      calls.receive(from, { kind: 'prepareReply', ...common, record: emptyRecord, applied: null });
    else calls.receive(from, { kind: 'acceptReply', ...common });
  };
  return { timers, sent, proposals, chosen, answer };
}

describe('an agreement', () => {
  it('takes only the report of its own ballot for the durability of what it proposed', () => {
    const { timers, sent, proposals, chosen, answer } = agreeing();
    answer(b, 'ok', 1);
    sent.splice(0, 1);
    answer(b, 'outbid', 5);
    sent.length = 0;
    timers.advance(timers.now + 1000);
    timers.runDue();
    answer(b, 'ok', 6);
    sent.splice(0, 1);
    answer(b, 'ok', 6);
    answer(c, 'ok', 6);
    expect(proposals).toHaveLength(2);
    proposals[0]!.durable();
    expect(chosen).toHaveLength(0);
    proposals[1]!.durable();
    expect(chosen).toHaveLength(1);
  });
});

describe('requests that a value carries', () => {
  const request = (n: number) => ({ request: `${n}`, dot: { actor: 'a' as ActorId, counter: n } });
  const found = { value: emptyRecord, accepted: noBallot, recent: [request(1), request(2)], settled: 1 };

  it('go on with it, settled as they were, while nobody knows that it was chosen', () => {
    expect(carriedOn(found, false, emptyRecord)).toEqual({ recent: found.recent, settled: 1 });
  });

  it('are settled once it is known to be, and those that were have done their duty', () => {
    expect(carriedOn(found, true, emptyRecord)).toEqual({ recent: [request(2)], settled: 1 });
  });
});
