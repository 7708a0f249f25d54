import {
  apiLimits,
  type CausalEvent,
  type Events,
  failed,
  type InputOf,
  type Result,
} from '@starling/api-types';
import type { LoggedEvent, NodeId } from '@starling/core';
import { liveEvent } from '../http/live/live-event.ts';
import type { MachinePort } from './machine-port.ts';

/** Names of events are 14 hex digits, of which the last two count within a millisecond. */
const cursorPattern = /^[0-9a-f]{14}$/;
const perMs = 256;

/** One page of this node's log of events, behind `cursor` or from `since` on. */
export async function eventsPage(
  machine: MachinePort,
  { cursor, since, limit = apiLimits.eventsPageDefault }: InputOf<'causality.events'>,
): Promise<Result<Events>> {
  if (cursor !== undefined && !cursorPattern.test(cursor)) {
    const issues = [{ path: 'cursor', message: 'not one this server gave' }];
    return { ok: false, error: failed('invalid_request', 'cursor: not one this server gave', { issues }) };
  }
  const after = cursor ?? (since === undefined ? '' : justBefore(since));
  const page = await machine.inquire({ kind: 'events', after, limit });
  if (page?.kind !== 'events')
    return { ok: false, error: failed('not_ready', 'the log cannot be read at the moment') };
  const { nodeId } = machine;
  const output = {
    observer: nodeId,
    observedAt: machine.now().wall,
    events: page.events.map((event) => shown(nodeId, event)),
    cursor: page.last === '' ? null : page.last,
    more: !page.done,
    gap: cursor !== undefined && page.gap,
  };
  return { ok: true, output };
}

function shown(observer: NodeId, { id, at, event, count }: LoggedEvent): CausalEvent {
  const { eventId: _, ...told } = liveEvent(0, at, observer, event, count);
  return { eventId: id, ...told };
}

/** The name behind which every event of that time and later lies. */
function justBefore(ms: number): string {
  return Math.max(0, Math.floor(ms) * perMs - 1)
    .toString(16)
    .padStart(14, '0');
}
