import type { MonoMs, NodeId, WallMs } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { decodeEventRow, encodeEventRow, isKept } from '../codec/event-row.ts';
import { eventPrefix, prefixEnd } from '../ring/rows.ts';
import type { Disk, ScanPage } from '../storage/disk.ts';
import type { WriteLog } from '../storage/write-log.ts';
import type { KeptEvent, NodeEvent } from './event.ts';
import type { EventsPage, LoggedEvent } from './inquiry.ts';

/** Rows looked at in one page of counting, and dropped at one time: a page is under a millisecond of one core. */
const pageRows = 256;
const pageBytesMax = 1 << 18;
/** Numbers of events in one millisecond of the wall clock. */
const perMs = 256;
/** One subject of a flood is told at most so often, in ms: a lasting one must not push everything else out of the log. */
const floodRepeatMs = 60_000;
/** Names the newest event that was dropped for want of room. */
export const eventsDroppedRow = 'm/events-dropped';

export interface EventLogHost {
  readonly log: WriteLog;
  readonly disk: Disk;
  wallMs(): WallMs;
  /** Below the low-water mark a log is no reason to write. */
  diskLow(): boolean;
}

export interface EventLogBounds {
  readonly eventRowsMax: number;
  readonly eventsWaitingMax: number;
}

/** Events of a kind that comes in floods since the last that was told; `count` of them, of which `event` is the newest. */
interface Flood {
  event: KeptEvent;
  count: number;
  toldMs: number;
}

/**
 * What happened to this node and what it saw happen, in durable rows that leave with the batch of the step they
 * happened in. The newest `eventRowsMax` are kept, and dropped a page at a time.
 *
 * Numbers come from the wall clock but never fall while the log stands, so that a reader can go on after the last
 * one it has seen, also where a disk has lost the newest rows. Kinds that come in floods are gathered by subject and
 * told by `flush`, as the newest with their count.
 */
export class EventLog {
  readonly #host: EventLogHost;
  readonly #bounds: EventLogBounds;
  /** Rows on disk or on their way; null until those of earlier lives have been counted. */
  #rows: number | null = null;
  #last = 0;
  #dropped: string;
  #dropping = false;
  /** Events that wait for the count. */
  readonly #waiting: LoggedFields[] = [];
  readonly #floods = new Map<string, Flood>();
  /** The last status told of each member: facts change more often. */
  readonly #statuses = new Map<NodeId, string>();

  constructor(host: EventLogHost, dropped: string, bounds: EventLogBounds = limits) {
    this.#host = host;
    this.#dropped = dropped;
    this.#bounds = bounds;
  }

  /** Counts the rows of earlier lives; events wait for that. */
  start(): void {
    this.#count(0, eventPrefix);
  }

  note(event: NodeEvent): void {
    if (!isKept(event) || this.#host.diskLow()) return;
    const subject = floodOf(event);
    if (subject !== null) return this.#gather(subject, event);
    if (event.type === 'member' && this.#statuses.get(event.nodeId) === event.status) return;
    if (event.type === 'member') this.#statuses.set(event.nodeId, event.status);
    this.#append({ at: this.#host.wallMs(), count: 1, event });
  }

  /** Tells what has come in floods and was not told within the last minute, by the monotonic clock; or `all` of it. */
  flush(nowMs: MonoMs, all = false): void {
    for (const [subject, flood] of this.#floods) {
      if (!all && nowMs - flood.toldMs < floodRepeatMs) continue;
      const { event, count } = flood;
      if (count === 0) {
        this.#floods.delete(subject);
        continue;
      }
      this.#append({ at: this.#host.wallMs(), count, event });
      flood.count = 0;
      flood.toldMs = nowMs;
    }
  }

  /** Events after the one named `after` (all, if it is empty), oldest first. */
  page(after: string, limit: number, then: (page: EventsPage) => void): void {
    const range = {
      after: eventPrefix + after,
      until: prefixEnd(eventPrefix),
      rowsMax: limit,
      bytesMax: pageBytesMax,
    };
    this.#host.disk.scan(range, ({ rows, done }) => {
      const events = rows.flatMap(([row, value]): LoggedEvent[] => {
        const kept = value instanceof Uint8Array ? decodeEventRow(value) : null;
        return kept === null ? [] : [{ id: row.slice(eventPrefix.length), ...kept }];
      });
      const last = rows.at(-1)?.[0].slice(eventPrefix.length) ?? after;
      then({ events, last, done, gap: after !== '' && after < this.#dropped });
    });
  }

  #gather(subject: string, event: KeptEvent): void {
    const flood = this.#floods.get(subject);
    if (flood === undefined) this.#floods.set(subject, { event, count: 1, toldMs: Number.NEGATIVE_INFINITY });
    else {
      flood.event = event;
      flood.count++;
    }
  }

  #append(fields: LoggedFields): void {
    if (this.#rows === null) {
      this.#waiting.push(fields);
      if (this.#waiting.length > this.#bounds.eventsWaitingMax) this.#waiting.shift();
      return;
    }
    this.#last = Math.max(this.#last + 1, Math.floor(Math.max(0, fields.at) * perMs));
    this.#host.log.stage(eventPrefix + idOf(this.#last), encodeEventRow(fields));
    this.#rows++;
    if (this.#rows > this.#bounds.eventRowsMax) this.#drop();
  }

  #count(before: number, after: string): void {
    this.#scan(after, pageRows, ({ rows, done }) => {
      const last = rows.at(-1)?.[0] ?? after;
      if (!done) return this.#count(before + rows.length, last);
      this.#last = Number.parseInt(last.slice(eventPrefix.length), 16) || 0;
      this.#rows = before + rows.length;
      for (const waiting of this.#waiting.splice(0)) this.#append(waiting);
    });
  }

  /** Drops the oldest page, so that the log never stands over its bound by more than what comes meanwhile. */
  #drop(): void {
    if (this.#dropping) return;
    this.#dropping = true;
    const excess = (this.#rows ?? 0) - this.#bounds.eventRowsMax;
    this.#scan(
      eventPrefix,
      Math.max(excess, Math.min(pageRows, this.#bounds.eventRowsMax >> 1)),
      ({ rows }) => {
        this.#dropping = false;
        for (const [row] of rows) this.#host.log.stage(row, null);
        const newest = rows.at(-1)?.[0];
        if (newest === undefined) return;
        this.#rows = Math.max(0, (this.#rows ?? 0) - rows.length);
        this.#dropped = newest.slice(eventPrefix.length);
        this.#host.log.stage(eventsDroppedRow, encodeId(this.#dropped));
      },
    );
  }

  #scan(after: string, rowsMax: number, then: (page: ScanPage) => void): void {
    this.#host.disk.scan({ after, until: prefixEnd(eventPrefix), rowsMax, bytesMax: pageBytesMax }, then);
  }
}

type LoggedFields = Omit<LoggedEvent, 'id'>;

/** What events must share to be told together; null for those that are told one by one. */
function floodOf(event: KeptEvent): string | null {
  switch (event.type) {
    case 'repair':
      return `repair ${event.replica}`;
    case 'warning':
      return `warning ${event.code}`;
    case 'corrupt':
      return 'corrupt';
    default:
      return null;
  }
}

/** 14 hex digits, which sort as the numbers do. */
function idOf(number: number): string {
  return number.toString(16).padStart(14, '0');
}

function encodeId(id: string): Uint8Array {
  return Uint8Array.from(id, (digit) => digit.charCodeAt(0));
}

/** The name in the row of dropped events; empty if nothing was dropped, or nobody knows. */
export function decodeDropped(row: Uint8Array | null | undefined | 'corrupt'): string {
  return row instanceof Uint8Array ? String.fromCharCode(...row) : '';
}
