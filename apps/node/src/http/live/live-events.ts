import { apiLimits, type LiveEvent } from '@starling/api-types';
import type { NodeEvent, NodeId } from '@starling/core';
import { liveEvent } from './live-event.ts';

/** Events of one kind about one subject, since the last one that was told. */
interface Run {
  toldMs: number;
  /** The newest that was not told, and how many there are; 0 for none. */
  newest: NodeEvent;
  untold: number;
}

/**
 * The event log as followers of `/ws` see it. What changes the cluster is told each time. What comes in floods (a note
 * for each missed write, a line for each repaired record) is told once when it begins and then at most every
 * `liveRepeatMs`, as one event that says how many it stands for. So a node that is away for an hour is a few hundred
 * events, and the tail of the log still shows what happened besides.
 */
export class LiveEvents {
  readonly #observer: NodeId;
  readonly #repeatMs: number;
  #eventId = 0;
  /** The tail of the log, oldest first; its last `#news` are not told yet. */
  readonly #tail: LiveEvent[] = [];
  #news = 0;
  /** Last status told of each member: as many as the membership keeps. */
  readonly #statuses = new Map<NodeId, string>();
  /** At most a few for each member, since every key is a kind and a node, or a code of a closed set. */
  readonly #runs = new Map<string, Run>();

  constructor(observer: NodeId, repeatMs: number) {
    this.#observer = observer;
    this.#repeatMs = repeatMs;
  }

  /** Something happened at monotonic `nowMs`, `wallMs` by the clock on the wall. */
  note(event: NodeEvent, nowMs: number, wallMs: number): void {
    if (event.type === 'member' && !this.#isNewStatus(event.nodeId, event.status)) return;
    const key = runKey(event);
    if (key === null) return this.#tell(event, 1, wallMs);
    const run = this.#runs.get(key);
    if (run !== undefined && nowMs - run.toldMs < this.#repeatMs && !isLast(event)) {
      run.newest = event;
      run.untold++;
      return;
    }
    this.#tell(event, 1 + (run?.untold ?? 0), wallMs);
    this.#runs.set(key, { toldMs: nowMs, newest: event, untold: 0 });
  }

  /** The events that followers have not been told yet, oldest first; they count as told from now on. */
  takeNews(nowMs: number, wallMs: number): readonly LiveEvent[] {
    for (const [key, run] of this.#runs) {
      if (nowMs - run.toldMs < this.#repeatMs) continue;
      if (run.untold === 0) this.#runs.delete(key);
      else {
        this.#tell(run.newest, run.untold, wallMs);
        run.toldMs = nowMs;
        run.untold = 0;
      }
    }
    const news = this.#news === 0 ? [] : this.#tail.slice(-this.#news);
    this.#news = 0;
    return news;
  }

  /** The tail of the log up to the last `takeNews`, oldest first. */
  told(): readonly LiveEvent[] {
    return this.#tail.slice(0, this.#tail.length - this.#news);
  }

  #isNewStatus(nodeId: NodeId, status: string): boolean {
    const known = this.#statuses.get(nodeId);
    this.#statuses.set(nodeId, status);
    return known !== status;
  }

  #tell(event: NodeEvent, count: number, wallMs: number): void {
    this.#eventId++;
    this.#tail.push(liveEvent(this.#eventId, wallMs, this.#observer, event, count));
    this.#news = Math.min(this.#news + 1, apiLimits.liveEventsTail);
    if (this.#tail.length > apiLimits.liveEventsTail) this.#tail.shift();
  }
}

/** What events must share to be told together; null for those that are told one by one. */
function runKey(event: NodeEvent): string | null {
  switch (event.type) {
    case 'member':
    case 'ring':
    case 'state':
      return null;
    case 'transfer':
      return `transfer ${event.from} ${event.to}`;
    case 'hint':
      return `hint ${event.change} ${event.target}`;
    case 'conflict':
      return `conflict ${event.change}`;
    case 'repair':
      return `repair ${event.replica}`;
    case 'corrupt':
      return 'corrupt';
    case 'warning':
      return `warning ${event.code}`;
    default:
      return event satisfies never;
  }
}

/** The end of something is worth telling without delay. */
function isLast(event: NodeEvent): boolean {
  return event.type === 'transfer' && event.bucketsDone === event.bucketsTotal;
}
