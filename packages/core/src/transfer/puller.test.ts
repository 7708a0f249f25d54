import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { Timers } from '../base/timers.ts';
import { emptyRecord } from '../causality/dvv-set.ts';
import type { PeerMessage, PullCall, PullReply } from '../node/messages.ts';
import { keyRef } from '../ring/key.ts';
import type { TransferPart } from './plan.ts';
import { Puller } from './puller.ts';

const [a, b, c] = ['a', 'b', 'c'] as NodeId[] as [NodeId, NodeId, NodeId];
const part: TransferPart = { ranges: [{ from: 10, to: 19 }], sources: [a, b, c], needed: 2 };

interface Asked {
  readonly source: NodeId;
  readonly call: PullCall;
  readonly answer: (reply: PeerMessage | null) => void;
}

function pulling(parts: readonly TransferPart[] = [part]) {
  const timers = new Timers();
  const asked: Asked[] = [];
  const merged: string[] = [];
  const closed: number[] = [];
  const state = { done: 0, stores: true };
  let rpc = 0;
  const puller = new Puller(
    {
      timers,
      epoch: () => 7,
      heardEpoch: () => undefined,
      closeCall: (rpc) => void closed.push(rpc),
      progress: () => undefined,
      call: (source, build, answer) => {
        const call = build(++rpc);
        if (call.kind === 'pull') asked.push({ source, call, answer });
        return rpc;
      },
      merge: (ref, _record, then) => {
        if (state.stores) merged.push(ref.key);
        then(state.stores);
      },
    },
    parts,
    () => state.done++,
  );
  puller.start();
  const reply = (
    source: NodeId,
    keys: readonly string[],
    next: string | null,
    result: PullReply['result'] = 'ok',
  ) => {
    const at = asked.findIndex((each) => each.source === source);
    const [open] = asked.splice(at, 1);
    const records = keys.map((key) => ({ ref: keyRef('default', key), record: emptyRecord }));
    open?.answer({ kind: 'pullReply', rpc: open.call.rpc, result, epoch: 7, records, next });
    return open;
  };
  const pass = (ms: number) => {
    timers.advance(timers.now + ms);
    timers.runDue();
  };
  return { puller, asked, closed, merged, state, reply, pass };
}

describe('taking over arcs', () => {
  it('is done at once when there is nothing to take', () => {
    expect(pulling([]).state.done).toBe(1);
  });

  it('is done when as many sources as needed have given everything, page by page', () => {
    const { asked, merged, state, reply } = pulling();
    expect(asked.map(({ source }) => source)).toEqual([a, b, c]);
    reply(a, ['x'], 'd/000b');
    expect(asked.find(({ source }) => source === a)?.call.after).toBe('d/000b');
    reply(a, ['y'], null);
    expect(state.done).toBe(0);
    reply(b, ['y'], null);
    expect([state.done, merged]).toEqual([1, ['x', 'y', 'y']]);
    reply(c, [], null);
    expect(state.done).toBe(1);
  });

  it('asks a source again that refused, was lost, or whose records could not be stored', () => {
    const { asked, state, reply, pass } = pulling();
    reply(a, [], null, 'corrupt');
    asked.splice(0, 1)[0]?.answer(null);
    state.stores = false;
    reply(c, ['x'], null);
    expect([asked.length, state.done]).toEqual([0, 0]);
    pass(250);
    state.stores = true;
    expect(asked).toHaveLength(3);
    reply(a, [], null);
    reply(c, ['x'], null);
    expect(state.done).toBe(1);
  });

  it('asks again when an answer does not come, each time after a longer wait', () => {
    const { asked, pass } = pulling([{ ...part, sources: [a], needed: 1 }]);
    for (const [silences, waitMs] of [1000, 2000, 4000, 8000, 10_000, 10_000].entries()) {
      pass(waitMs - 1);
      expect(asked).toHaveLength(silences + 1);
      pass(1);
      expect(asked).toHaveLength(silences + 2);
    }
  });

  it('takes the answer that comes first, however late, and no other to the same page', () => {
    const { asked, closed, merged, state, pass } = pulling([{ ...part, sources: [a], needed: 1 }]);
    pass(1000);
    pass(2000);
    const [first, second, third] = asked.splice(0);
    const records = [{ ref: keyRef('default', 'x'), record: emptyRecord }];
    second?.answer({ kind: 'pullReply', rpc: 2, result: 'ok', epoch: 7, records, next: 'd/000b' });
    expect([merged, closed]).toEqual([['x'], [first?.call.rpc, third?.call.rpc]]);
    expect(asked.map(({ call }) => call.after)).toEqual(['d/000b']);
    asked[0]?.answer({ kind: 'pullReply', rpc: 4, result: 'ok', epoch: 7, records: [], next: null });
    pass(60_000);
    expect([state.done, asked.length]).toEqual([1, 1]);
  });

  it('waits longer for a source that takes its time', () => {
    const { asked, reply, pass } = pulling([{ ...part, sources: [a], needed: 1 }]);
    pass(900);
    reply(a, [], 'd/000b');
    pass(1000);
    expect(asked).toHaveLength(1);
    pass(1700);
    expect(asked).toHaveLength(2);
  });

  it('asks nobody while it is paused, and each source once when it goes on', () => {
    const { puller, asked, reply, pass } = pulling();
    puller.setPaused(true);
    pass(60_000);
    expect(asked).toHaveLength(3);
    reply(a, ['x'], 'd/000b');
    puller.setPaused(false);
    expect(asked.map(({ source }) => source)).toEqual([b, c, a, b, c]);
  });

  it('takes what a recovering source gives, does not count it, and asks it again later', () => {
    const { asked, merged, state, reply, pass } = pulling();
    reply(a, ['x'], 'd/000b', 'recovering');
    reply(a, ['y'], null);
    reply(b, [], null);
    expect([merged, state.done]).toEqual([['x', 'y'], 0]);
    pass(2000);
    expect(asked.map(({ source, call }) => [source, call.after])).toEqual([
      [c, 'd/000a'],
      [c, 'd/000a'],
      [a, 'd/000a'],
    ]);
    reply(a, ['x', 'y'], null);
    expect(state.done).toBe(1);
  });

  it('is done when every source has given what it has, recovering or not', () => {
    const { state, reply } = pulling();
    reply(a, ['x'], null, 'recovering');
    reply(b, [], null);
    expect(state.done).toBe(0);
    reply(c, [], null, 'recovering');
    expect(state.done).toBe(1);
  });

  it('does nothing more once stopped', () => {
    const { puller, asked, closed, state, reply, pass } = pulling();
    puller.stop();
    expect(closed).toHaveLength(3);
    reply(a, [], null);
    reply(b, [], null);
    pass(60_000);
    expect([state.done, asked.length]).toEqual([0, 1]);
  });

  it('takes few parts at a time', () => {
    const many = Array.from({ length: 20 }, (_, i) => ({
      ranges: [{ from: i * 10, to: i * 10 + 9 }],
      sources: [a],
      needed: 1,
    }));
    const { asked, state, reply } = pulling(many);
    expect(asked).toHaveLength(8);
    for (let i = 0; i < 20; i++) reply(a, [], null);
    expect(state.done).toBe(1);
  });

  it('tells how far as many sources as needed have come, also within a part', () => {
    const ranges = [
      { from: 10, to: 19 },
      { from: 30, to: 34 },
    ];
    const { puller, reply } = pulling([{ ...part, ranges }]);
    reply(a, ['x'], 'd/001e');
    expect(puller.progress).toMatchObject({ bucketsDone: 0, bucketsTotal: 15 });
    reply(b, ['x'], 'd/001e');
    expect(puller.progress).toMatchObject({ bucketsDone: 10, bucketsTotal: 15 });
    reply(a, [], null);
    reply(b, [], null);
    expect(puller.progress).toMatchObject({ bucketsDone: 15, bucketsTotal: 15 });
  });
});
