import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { MemoryRows } from '../storage/memory-rows.test-kit.ts';
import type { NodeEvent } from './event.ts';
import { decodeDropped, EventLog, type EventLogBounds, eventsDroppedRow } from './event-log.ts';
import type { EventsPage } from './inquiry.ts';

const few = { eventRowsMax: 8, eventsWaitingMax: 4 };

/** One life of a node's log over rows that outlive it. */
function life(rows = new MemoryRows(), bounds: EventLogBounds = few, wallMs = 1_000_000) {
  const host = { ...rows, wall: wallMs, low: false };
  const log = new EventLog(
    { log: rows.log, disk: rows.disk, wallMs: () => host.wall, diskLow: () => host.low },
    decodeDropped(rows.rows.get(eventsDroppedRow)),
    bounds,
  );
  const page = (after = '', limit = 100): EventsPage => {
    let found: EventsPage | null = null;
    log.page(after, limit, (told) => {
      found = told;
    });
    rows.settle();
    return found!;
  };
  const keys = (after = '') =>
    page(after).events.map(({ event }) => ('key' in event ? event.key : event.type));
  const begin = () => {
    log.start();
    rows.settle();
    return made;
  };
  const made = { rows, log, host, page, keys, begin, note: (key: string) => log.note(conflict(key)) };
  return made;
}

function conflict(key: string): NodeEvent {
  return { type: 'conflict', key, change: 'found' };
}

describe('the event log', () => {
  it('tells what is durable, in order, page by page, and goes on where it ended', () => {
    const { rows, note, page, keys } = life().begin();
    for (const key of ['a', 'b', 'c']) note(key);
    expect(rows.rows.size).toBe(0);
    rows.sync();
    const first = page('', 2);
    expect(first).toMatchObject({ done: false, gap: false });
    expect(first.events.map(({ at, count }) => [at, count])).toEqual([
      [1_000_000, 1],
      [1_000_000, 1],
    ]);
    expect(keys(first.last)).toEqual(['c']);
    const end = page().last;
    expect(page(end)).toEqual({ events: [], last: end, done: true, gap: false });
    note('d');
    rows.sync();
    expect(keys(end)).toEqual(['d']);
  });

  it('goes on behind itself after a restart, also when the clock has gone back', () => {
    const { rows, note } = life().begin();
    note('a');
    rows.sync();
    const next = life(rows, few, 5);
    next.note('waits for the count');
    const { keys } = next.begin();
    next.note('b');
    rows.sync();
    expect(keys()).toEqual(['a', 'waits for the count', 'b']);
  });

  it('keeps the newest, up to its bound, and says that others are gone (limits.eventRowsMax)', () => {
    const bounds = { ...limits, eventRowsMax: 100 };
    const { rows, note, keys, page } = life(new MemoryRows(), bounds).begin();
    note('first');
    rows.settle();
    const { last } = page();
    for (let at = 1; at < 100; at++) note(`${at}`);
    rows.settle();
    expect([keys().length, page(last).gap]).toEqual([100, false]);
    note('one more');
    rows.settle();
    expect(keys().length).toBeLessThanOrEqual(100);
    expect(keys().at(-1)).toBe('one more');
    expect(keys()).not.toContain('first');
    expect([page(last).gap, page(page().last).gap, page('').gap]).toEqual([true, false, false]);
    expect(life(rows, bounds).begin().page(last).gap).toBe(true);
    expect(limits.eventRowsMax).toBe(10_000);
  });

  it('keeps no more than the newest while it counts (limits.eventsWaitingMax)', () => {
    const { rows, note, log, keys } = life(new MemoryRows(), limits);
    for (let at = 0; at <= limits.eventsWaitingMax; at++) note(`${at}`);
    log.start();
    rows.settle();
    const { length } = keys();
    expect(length).toBe(100);
    expect(keys()[0]).toBe('1');
  });

  it('tells what comes in floods at once and then once a minute, with how many there were', () => {
    const { rows, log, page } = life().begin();
    const repair = (key: string) => log.note({ type: 'repair', replica: 'n2' as NodeId, key });
    const counts = () => page().events.map(({ count }) => count);
    for (const key of ['a', 'b', 'c']) repair(key);
    log.note({ type: 'corrupt', row: 'd/0' });
    expect(counts()).toEqual([]);
    log.flush(1000);
    repair('d');
    log.flush(2000);
    rows.sync();
    expect(page().events).toMatchObject([{ count: 3, event: { key: 'c' } }, { count: 1 }]);
    repair('e');
    log.flush(61_000);
    rows.sync();
    expect(counts()).toEqual([3, 1, 2]);
    repair('f');
    log.flush(62_000);
    rows.sync();
    expect(counts()).toEqual([3, 1, 2]);
    log.flush(62_001, true);
    rows.sync();
    expect(counts()).toEqual([3, 1, 2, 1]);
  });

  it('tells a member by its status, not by its other facts', () => {
    const { rows, log, page } = life().begin();
    for (const status of ['alive', 'alive', 'dead', 'alive'] as const)
      log.note({ type: 'member', nodeId: 'n2' as NodeId, status });
    rows.sync();
    expect(page().events.map(({ event }) => event)).toMatchObject([
      { status: 'alive' },
      { status: 'dead' },
      { status: 'alive' },
    ]);
  });

  it('is no reason to write to a disk that is nearly full, and passes over a damaged row', () => {
    const { rows, host, note, keys, page } = life().begin();
    note('a');
    rows.sync();
    host.low = true;
    note('b');
    host.low = false;
    note('c');
    rows.sync();
    expect(keys()).toEqual(['a', 'c']);
    rows.rows.set(`e/${page().events[0]!.id}`, 'corrupt');
    expect(keys()).toEqual(['c']);
  });
});
