'use client';

import type { LiveEvent } from '@starling/api-types';
import { useMemo } from 'react';
import type { History, Metric } from '../live/history.ts';
import { useLiveParts } from '../live/live-provider.tsx';
import { useEvents, useLive } from '../live/use-live.ts';
import type { Mark } from './series.ts';

/** A stretch of the history that moves on with the stream. */
export interface HistoryWindow {
  readonly seconds: readonly number[];
  readonly nodeIds: readonly string[];
  readonly marks: readonly Mark[];
  /** The first second of which anything is known; null while nothing is. */
  readonly since: number | null;
  readonly read: (nodeId: string, metric: Metric) => (number | null)[];
}

/** The last `length` seconds up to the last message that is shown. */
export function useHistoryWindow(length: number): HistoryWindow {
  const { store } = useLiveParts();
  const heardAt = useLive((view) => view.heardAt);
  const offset = useLive((view) => view.clockOffsetMs);
  const events = useEvents();
  return useMemo(() => {
    const to = Math.floor(heardAt / 1000);
    return windowOf(store.history, to - length + 1, to, marksOf(events, offset));
  }, [store, heardAt, length, events, offset]);
}

function windowOf(history: History, from: number, to: number, marks: readonly Mark[]): HistoryWindow {
  return {
    seconds: Array.from({ length: to - from + 1 }, (_, at) => from + at),
    nodeIds: history.nodeIds(),
    marks,
    since: history.since,
    read: (nodeId, metric) => history.read(nodeId, metric, from, to),
  };
}

const marked: ReadonlySet<LiveEvent['kind']> = new Set(['member', 'ring', 'state', 'corrupt']);

/** What changed the cluster, as marks; the rest of the events would only cover the lines. */
function marksOf(events: readonly LiveEvent[], offset: number): readonly Mark[] {
  return events
    .filter((event) => marked.has(event.kind))
    .map((event) => ({
      at: (event.at - offset) / 1000,
      label: markLabel(event),
      severity: event.severity,
    }));
}

/** A word or two: the sentence stands in the list of events. */
function markLabel(event: LiveEvent): string {
  const what = event.facts['status'] ?? event.facts['state'] ?? event.kind;
  return event.kind === 'ring' ? `epoch ${event.facts['epoch'] ?? ''}` : `${event.nodeIds[0] ?? ''} ${what}`;
}
