import { expect, test } from 'vitest';
import {
  applyLiveMessage,
  type LiveEvent,
  type LiveMessage,
  type LiveState,
  liveMessageSchema,
} from './live.ts';

const stamp = { sequence: 0, observer: 'node-1', at: 1 };
const state: LiveState = {
  clusterId: null,
  health: { verdict: 'healthy', summary: 'alone and well', reasons: [], observedAt: 1 },
  members: [],
  ring: null,
  nodes: [],
  transfers: [],
  hints: [],
  events: [],
};
const event = (eventId: number): LiveEvent => ({
  eventId,
  at: eventId,
  kind: 'warning',
  severity: 'warning',
  message: 'a thing',
  nodeIds: [],
  facts: {},
});

test('a part before any snapshot is dropped', () => {
  expect(applyLiveMessage(null, { type: 'hints', ...stamp, hints: [] }, 10)).toBeNull();
});

test('a part replaces its namesake and leaves the rest', () => {
  const hints = [{ target: 'node-2', pending: 3, everything: false }];
  const message: LiveMessage = { type: 'hints', ...stamp, sequence: 1, hints };
  expect(liveMessageSchema.parse(message)).toEqual(message);
  expect(applyLiveMessage(state, message, 10)).toEqual({ ...state, hints });
});

test('events are appended up to the bound', () => {
  const first = applyLiveMessage(state, { type: 'events', ...stamp, events: [event(1), event(2)] }, 3);
  const second = applyLiveMessage(first, { type: 'events', ...stamp, events: [event(3), event(4)] }, 3);
  expect(second?.events.map((each) => each.eventId)).toEqual([2, 3, 4]);
});

test('a snapshot replaces everything', () => {
  const later = { ...state, hints: [{ target: 'node-2', pending: 1, everything: false }] };
  expect(applyLiveMessage(later, { type: 'snapshot', ...stamp, state }, 3)).toBe(state);
});
