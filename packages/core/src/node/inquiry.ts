import type { WallMs } from '../base/ids.ts';
import type { KeptEvent } from './event.ts';

/** What may be asked of a node about itself beside what it shows at any moment: it takes a look at the disk. */
export interface EventsInquiry {
  readonly kind: 'events';
  /** The event to go on after; empty for the oldest kept. */
  readonly after: string;
  /** Of events on the page, 1 or more. */
  readonly limit: number;
}

export type Inquiry = EventsInquiry;

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

export type Finding = { readonly kind: 'events' } & EventsPage;
