import type { Address, NodeId } from '../base/ids.ts';
import { type Limits, limits } from '../base/limits.ts';
import type { ReadRow } from './input.ts';

/** What an operator decides about a node. */
export interface NodeOptions {
  readonly nodeId: NodeId;
  /** Where other nodes reach this one. */
  readonly address: Address;
  /** Failure domain: replicas of a key are spread over zones. */
  readonly zone: string;
  /** Share of the key space relative to other nodes, 1 to 16. */
  readonly weight: number;
  /** N for a cluster this node founds; an existing cluster's own setting wins. */
  readonly replicas: number;
  /** Where to look for a cluster. A node with no seeds and no memory of a cluster founds one. */
  readonly seeds: readonly Address[];
  /** The member whose place this node is to take, with all its tokens; only for a node that is none yet. */
  readonly replaces?: NodeId | null;
  readonly version: string;
  readonly tuning?: Partial<Tuning>;
}

/** Bounds of one node that an operator, or the simulator, may set otherwise; see `limits`. */
export type Tuning = Pick<
  Limits,
  | 'requestsInFlightMax'
  | 'lingeringWritesMax'
  | 'writeBytesPendingMax'
  | 'cacheBytesMax'
  | 'hintsPerTargetMax'
  | 'clockDriftMsMax'
  | 'compareEveryMs'
  | 'compareEqualMsMax'
  | 'comparePauseMs'
  | 'treeAuditEveryMs'
  | 'treeAuditPauseMs'
  | 'expiryGraceMs'
  | 'expirySweepMs'
  | 'shutdownGraceMs'
>;

export const defaultTuning: Tuning = limits;

/** What the driver found on disk. */
export interface BootImage {
  /** All rows of the kinds `m/`, `h/` and `l/`. */
  readonly rows: readonly (readonly [row: string, value: ReadRow])[];
  /** False if anything acknowledged may be missing: a gap, an end short of the watermark, a damaged meta row. */
  readonly historyIntact: boolean;
  readonly cleanShutdown: boolean;
  /** The data directory was created by this start. */
  readonly fresh: boolean;
  /** How often a node was started on this directory, this time included. */
  readonly bootCounter: number;
  /** Random name of the data directory, 16 hex digits: tells two claims to one node id apart. */
  readonly instanceId: string;
}
