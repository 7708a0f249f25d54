import type { LiveEvent } from '@starling/api-types';
import { describe, expect, it } from 'vitest';
import { foldRuns, timesOf } from './event-runs.ts';

function event(eventId: number, message: string): LiveEvent {
  return { eventId, at: eventId, kind: 'hint', severity: 'info', message, nodeIds: [], facts: {} };
}

describe('runs of events', () => {
  it('are counted in their latest, however often they are folded', () => {
    const once = foldRuns([event(1, 'a'), event(2, 'a'), event(3, 'b'), event(4, 'a')]);
    const again = foldRuns([...once, event(5, 'a')]);
    expect(again.map((each) => [each.eventId, each.message, timesOf(each)])).toEqual([
      [2, 'a', 2],
      [3, 'b', 1],
      [5, 'a', 2],
    ]);
  });

  it('are left as they are when no two neighbours say the same', () => {
    const events = [event(1, 'a'), event(2, 'b')];
    expect(foldRuns(events)).toEqual(events);
  });
});
