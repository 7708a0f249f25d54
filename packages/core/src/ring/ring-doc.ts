import type { NodeId, RingEpoch } from '../base/ids.ts';
import type { RingOperation } from './ring-operation.ts';

/**
 * What a member is while a change is in progress: `joining` holds nothing yet and will, `leaving` holds its arcs until
 * the change is done. Members are `normal` whenever no change is in progress.
 */
export type RingStatus = 'joining' | 'normal' | 'leaving';

/** What decides which arcs a member holds. */
export interface MemberShape {
  readonly nodeId: NodeId;
  readonly zone: string;
  /** Relative share of the key space, 1 to 16: 150 tokens each. */
  readonly weight: number;
  /** Bucket indexes at which this node's arcs end, ascending, each used by one vnode of the whole ring. */
  readonly tokens: readonly number[];
}

export interface RingMember extends MemberShape {
  readonly status: RingStatus;
}

/**
 * The change in progress. Beside the members that join and leave it says what else will be different once it is done, so
 * that every arc has its old and its new replicas whatever the operation.
 */
export interface RingChange {
  /** Id of the operation that asked for it. */
  readonly operation: string;
  /** N once the change is done. */
  readonly replicas: number;
  /** Members that stay and will have another zone, weight or tokens, as they will be; in ascending order of node id. */
  readonly shapes: readonly MemberShape[];
}

/**
 * The ring: who owns what. One document per epoch, chosen by Paxos among the normal members of the epoch before,
 * so two nodes with equal epochs of one cluster hold equal documents. Members are in ascending order of node id.
 */
export interface RingDoc {
  /** 16 hex digits drawn by the first node; nodes of different clusters refuse each other. */
  readonly clusterId: string;
  readonly epoch: RingEpoch;
  /** N: replicas of each key, 1 to 7; the effective number is min(N, members). */
  readonly replicas: number;
  readonly members: readonly RingMember[];
  /** null while the ring is settled. */
  readonly change: RingChange | null;
  /** Those that wait or are in progress and the last few that have ended, in the order they were asked for. */
  readonly operations: readonly RingOperation[];
}
