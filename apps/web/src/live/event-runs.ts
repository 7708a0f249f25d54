import type { LiveEvent } from '@starling/api-types';

/**
 * Folds events that say the same one after another into their latest, counted in `facts.times`: a thousand hints for
 * one dead node must not push its death out of the bounded list.
 */
export function foldRuns(events: readonly LiveEvent[]): LiveEvent[] {
  const folded: LiveEvent[] = [];
  for (const event of events) {
    const last = folded.at(-1);
    if (last === undefined || last.kind !== event.kind || last.message !== event.message) {
      folded.push(event);
      continue;
    }
    folded[folded.length - 1] = {
      ...event,
      facts: { ...event.facts, times: timesOf(last) + timesOf(event) },
    };
  }
  return folded;
}

/** How many events this one stands for. */
export function timesOf(event: LiveEvent): number {
  const times = event.facts['times'];
  return typeof times === 'number' ? times : 1;
}
