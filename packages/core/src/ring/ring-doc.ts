import type { NodeId, RingEpoch } from '../base/ids.ts';

/** `joining`: its tokens are pending. `leaving`: its tokens are being handed over. Only `normal` members own data. */
export type RingStatus = 'joining' | 'normal' | 'leaving';

export interface RingMember {
  readonly nodeId: NodeId;
  readonly status: RingStatus;
  readonly zone: string;
  /** Relative share of the key space, 1 to 16: 150 tokens each. */
  readonly weight: number;
  /** Bucket indexes at which this node's arcs end, ascending, each used by one vnode of the whole ring. */
  readonly tokens: readonly number[];
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
}
