import type { AntiEntropyCounts } from '../antientropy/anti-entropy.ts';
import type { TreeProgress } from '../antientropy/tree.ts';
import type { NodeId, WallMs } from '../base/ids.ts';
import type { TransferProgress } from './ownership.ts';

/** Latency of one kind of operation over the last ten seconds, as the receiving node measured it, in milliseconds. */
export interface LatencyStats {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

/** What one process measured of itself. Every figure is a reading; a driver that cannot measure one leaves it null. */
export interface NodeStats {
  readonly version: string;
  readonly startedAt: WallMs;
  readonly reads: LatencyStats | null;
  readonly writes: LatencyStats | null;
  /** Requests answered with an error other than `not_found`, per second. */
  readonly errorsPerSecond: number | null;
  readonly rssBytes: number | null;
  readonly heapBytes: number | null;
  /** CPU seconds used per second, all threads. */
  readonly cpu: number | null;
  /** p99 of event-loop delay over the last ten seconds. */
  readonly eventLoopDelayP99Ms: number | null;
  /** Bytes of the data directory and what is free on its file system. */
  readonly diskUsedBytes: number | null;
  readonly diskFreeBytes: number | null;
}

/** Counts the machine keeps of its own state, exact at every step. */
export interface NodeCounts {
  /** Live keys stored here (a replica count, not a cluster count). */
  readonly keys: number;
  readonly tombstones: number;
  /** Bytes of stored records, before the storage engine's own compression. */
  readonly recordBytes: number;
  readonly hints: number;
  readonly requestsInFlight: number;
}

/** What this node last heard of a node's figures, itself included. */
export interface StatsReport {
  readonly nodeId: NodeId;
  readonly stats: NodeStats;
  readonly counts: NodeCounts;
  /** What the node takes over from others, if it does. */
  readonly transfer: TransferProgress | null;
  /** By this node's own wall clock. */
  readonly observedAt: WallMs;
}

/** What has become of comparing a node with its peers, counted since it started. */
export interface AntiEntropyState extends AntiEntropyCounts {
  readonly tree: TreeProgress;
}
