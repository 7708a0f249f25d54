import type { DifferencePage, DifferencesFound } from '../antientropy/difference-list.ts';
import type { SyncOrder, SyncState } from '../antientropy/sync-desk.ts';
import type { TreeProgress } from '../antientropy/tree.ts';
import type { TreeNodes } from '../antientropy/tree-nodes.ts';
import type { NodeId, RingEpoch, WallMs } from '../base/ids.ts';
import type { VersionVector } from '../causality/record.ts';
import type { BucketRange } from '../ring/bucket-range.ts';
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

/** What this node's hash tree tells of some buckets. */
export interface TreeInquiry {
  readonly kind: 'tree';
  readonly range: BucketRange;
  /** 0 for the root, up to `treeDepthMax` for single buckets. */
  readonly depth: number;
  /** Of nodes on the page, 1 or more. */
  readonly limit: number;
}

/** What this node and a peer hold differently. */
export interface DifferencesInquiry extends DifferencePage {
  readonly kind: 'differences';
  readonly peer: NodeId;
}

/** Has this node compare itself with others now; with no order it only tells of what it was asked to do. */
export interface SyncInquiry {
  readonly kind: 'sync';
  readonly order: SyncOrder | null;
}

/** What may be asked of a node beside what it shows at any moment: it takes a look at the disk, or at a peer. */
export type Inquiry = EventsInquiry | ClockInquiry | TreeInquiry | DifferencesInquiry | SyncInquiry;

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

export interface TreeFinding extends TreeNodes {
  readonly kind: 'tree';
  readonly epoch: RingEpoch;
  /** While the tree is not complete there are no nodes. */
  readonly progress: TreeProgress;
}

export interface SyncFinding {
  readonly kind: 'sync';
  /** The one that was begun; null if none was asked for, or as many as may are still to be done. */
  readonly begun: SyncState | null;
  /** In the order in which they were asked for, those that ended last among them. */
  readonly syncs: readonly SyncState[];
}

export type Finding =
  | ({ readonly kind: 'events' } & EventsPage)
  | ClockFinding
  | TreeFinding
  | ({ readonly kind: 'differences' } & DifferencesFound)
  | SyncFinding;
