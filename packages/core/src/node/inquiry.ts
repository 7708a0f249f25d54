import type { NodeId, WallMs } from '../base/ids.ts';
import type { VersionVector } from '../causality/record.ts';
import type { KeptEvent } from './event.ts';

export interface EventsInquiry {
  readonly kind: 'events';
  /** The event to go on after; empty for the oldest kept. */
  readonly after: string;
  /** Of events on the page, 1 or more. */
  readonly limit: number;
}

/** Of which writes this node has heard, or what a peer says when it is asked. */
export interface ClockInquiry {
  readonly kind: 'clock';
  /** null: this node. */
  readonly of: NodeId | null;
}

/** What may be asked of a node beside what it shows at any moment: it takes a look at the disk, or at a peer. */
export type Inquiry = EventsInquiry | ClockInquiry;

/** One event of the log. */
export interface LoggedEvent {
  /** 14 hex digits, rising; the first 12 or so tell the millisecond. */
  readonly id: string;
  readonly at: WallMs;
  /** How many of its kind and subject it stands for, of which it is the newest. */
  readonly count: number;
  readonly event: KeptEvent;
}

export interface EventsPage {
  /** Oldest first. */
  readonly events: readonly LoggedEvent[];
  /** To go on after, now or later. */
  readonly last: string;
  readonly done: boolean;
  /** Events behind the one asked for were dropped before they could be told. */
  readonly gap: boolean;
}

export interface ClockFinding {
  readonly kind: 'clock';
  /** null: the peer is not known, or did not answer in time. */
  readonly clock: VersionVector | null;
}

export type Finding = ({ readonly kind: 'events' } & EventsPage) | ClockFinding;
