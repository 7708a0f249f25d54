import {
  apiLimits,
  applyLiveMessage,
  type LiveEvent,
  type LiveState,
  liveMessageSchema,
} from '@starling/api-types';
import type { NodeEvent, NodeId } from '@starling/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SingleCopyMachine } from '../../../test/single-copy-machine.ts';
import { httpLimits } from '../limits.ts';
import { LiveFeed } from './live-feed.ts';

/** A machine whose clock the test moves. */
class ClockedMachine extends SingleCopyMachine {
  ms = 0;
  override now() {
    return { mono: this.ms, wall: 1_700_000_000_000 + this.ms };
  }
}

const { liveRepeatMs } = httpLimits;
const away = 'node-2' as NodeId;

function feeding() {
  const machine = new ClockedMachine();
  const feed = new LiveFeed(machine, liveRepeatMs);
  const state = (before: LiveState | null, texts: readonly string[]): LiveState | null =>
    texts
      .map((text) => liveMessageSchema.parse(JSON.parse(text)))
      .reduce((now, message) => applyLiveMessage(now, message, apiLimits.liveEventsTail), before);
  /** Events that the next round tells. */
  const told = (): readonly LiveEvent[] =>
    feed.round().flatMap((text) => {
      const message = liveMessageSchema.parse(JSON.parse(text));
      return message.type === 'events' ? message.events : [];
    });
  return { machine, feed, state, told };
}

const hint = (change: 'kept' | 'delivered', target = away): NodeEvent => ({
  type: 'hint',
  target,
  pending: 1,
  change,
});
const member = (status: 'alive' | 'suspect'): NodeEvent => ({ type: 'member', nodeId: away, status });

describe('events that come in floods', () => {
  test('are told once, and then together, at most so often (httpLimits.liveRepeatMs)', () => {
    const { machine, feed, told } = feeding();
    for (let i = 0; i < 1000; i++) feed.event(hint('kept'));
    expect(told().map((event) => event.message)).toEqual(['a write is kept for node-2']);
    machine.ms = liveRepeatMs - 1;
    expect(told()).toEqual([]);
    machine.ms = liveRepeatMs;
    expect(told()).toMatchObject([{ message: '999 writes are kept for node-2', facts: { count: 999 } }]);
    machine.ms = 2 * liveRepeatMs;
    expect(told()).toEqual([]);
    feed.event(hint('kept'));
    expect(told().map((event) => event.message)).toEqual(['a write is kept for node-2']);
  });

  test('are told apart by what they are about', () => {
    const { feed, told } = feeding();
    const events = [hint('kept'), hint('kept', 'node-3' as NodeId), hint('delivered'), hint('kept')];
    for (const event of events) feed.event(event);
    expect(told()).toHaveLength(3);
  });

  test('of a transfer end with its end, without delay', () => {
    const { feed, told } = feeding();
    const transfer = { type: 'transfer', from: away, to: 'node-1' as NodeId, bytes: 1 } as const;
    for (let bucketsDone = 1; bucketsDone <= 100; bucketsDone++)
      feed.event({ ...transfer, bucketsDone, bucketsTotal: 100 });
    expect(told().map((event) => event.facts['bucketsDone'])).toEqual([1, 100]);
  });
});

test('a member is told of when its status changes, not when its facts do', () => {
  const { feed, told } = feeding();
  for (const status of ['alive', 'alive', 'suspect', 'suspect', 'alive'] as const) feed.event(member(status));
  expect(told().map((event) => event.facts['status'])).toEqual(['alive', 'suspect', 'alive']);
});

test('a snapshot shows the end of the log, and no more (apiLimits.liveEventsTail)', () => {
  const { feed, state } = feeding();
  for (let epoch = 1; epoch <= apiLimits.liveEventsTail + 1; epoch++)
    feed.event({ type: 'ring', epoch, reason: 'a change' });
  feed.round();
  const shown = state(null, [feed.snapshot()])?.events.map((event) => event.facts['epoch']);
  expect(shown).toHaveLength(apiLimits.liveEventsTail);
  expect([shown?.[0], shown?.at(-1)]).toEqual([2, apiLimits.liveEventsTail + 1]);
});

test('whoever follows from a snapshot on has, after every round, what a fresh snapshot shows', () => {
  const event = fc.oneof(
    fc.constantFrom(hint('kept'), hint('delivered'), member('alive'), member('suspect')),
    fc.record({ type: fc.constant('repair' as const), key: fc.string(), replica: fc.constant(away) }),
    fc.record({
      type: fc.constant('ring' as const),
      epoch: fc.integer({ min: 1, max: 9 }),
      reason: fc.string(),
    }),
  );
  const step = fc.oneof(
    event.map((value) => ({ do: 'event' as const, value })),
    fc.integer({ min: 1, max: 2 * liveRepeatMs }).map((value) => ({ do: 'pass' as const, value })),
    fc.nat(3).map((value) => ({ do: 'hints' as const, value })),
    fc.constant({ do: 'round' as const }),
    fc.constant({ do: 'join' as const }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { machine, feed, state } = feeding();
      const followers: (LiveState | null)[] = [];
      const round = () => {
        const messages = feed.round();
        followers.forEach((follower, i) => {
          followers[i] = state(follower, messages);
        });
        const fresh = state(null, [feed.snapshot()]);
        // Health carries the time of looking; its verdict and reasons are what is told.
        for (const follower of followers)
          expect({ ...follower, health: fresh?.health }).toEqual({ ...fresh, health: fresh?.health });
      };
      for (const each of steps) {
        if (each.do === 'event') feed.event(each.value);
        else if (each.do === 'pass') machine.ms += each.value;
        else if (each.do === 'hints')
          machine.inspection = { hints: [{ target: away, pending: each.value, everything: false }] };
        else {
          round();
          // As the hub does it: those who follow are brought up to date before the newcomer's snapshot.
          if (each.do === 'join') followers.push(state(null, [feed.snapshot()]));
        }
      }
      round();
    }),
  );
});
