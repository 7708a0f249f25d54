import type { Address, NodeId, RingEpoch } from '../base/ids.ts';

/**
 * What the members believe of a node, weakest first. `suspect`: some member could not reach it and it may still
 * refute. `dead`: it did not refute in time. `left`: it said so itself, or an operator did.
 */
export type MemberStatus = 'alive' | 'suspect' | 'dead' | 'left';

/** Small facts a node tells of itself; at most `limits.factsBytesMax` bytes together. */
export interface MemberFacts {
  /** 16 hex digits, or empty while the node belongs to no cluster yet. */
  readonly clusterId: string;
  readonly ringEpoch: RingEpoch;
  readonly version: string;
  readonly zone: string;
  /** The node's own state: booting, joining, normal, … */
  readonly state: string;
}

/** What one process says of itself. Only that process writes a claim; others pass it on unchanged. */
export interface MemberClaim {
  readonly nodeId: NodeId;
  /** 16 hex digits drawn once per data directory: two directories with one node id are two instances. */
  readonly instanceId: string;
  /** Where it wants to be reached. */
  readonly address: Address;
  /** Raised only by the node itself, to refute; from 1 to 2^53 − 1. */
  readonly incarnation: number;
  /** Raised by the node when its facts change; starts at 0 with every incarnation. */
  readonly factsVersion: number;
  readonly facts: MemberFacts;
}

/** A claim and what is believed of it: the only thing members gossip about. Immutable and shared. */
export interface MemberState {
  readonly claim: MemberClaim;
  readonly status: MemberStatus;
  /** Who says so: the accuser of a suspect or dead member; the member itself when alive. */
  readonly by: NodeId;
}

/** Why a node is not let in. */
export type RefusalReason = 'nodeIdInUse' | 'foreignCluster' | 'membersFull';

interface Header {
  readonly sender: NodeId;
  readonly instanceId: string;
  /** Cluster of the sender, or empty while it knows none. */
  readonly cluster: string;
  /** 32-bit digest of all that the sender believes; see `view.ts`. */
  readonly view: number;
  /** News that rides along. The one about the receiver, if any, comes first, so that it can refute at once. */
  readonly updates: readonly MemberState[];
}

/** Are you there? Answered only by the node and data directory that are meant. */
export interface Ping extends Header {
  readonly kind: 'ping';
  readonly seq: number;
  readonly target: NodeId;
  readonly targetInstance: string;
}

/** `subject` is alive: by itself, or by a helper that reached it. `seq` is that of the ping or ping request. */
export interface Ack extends Header {
  readonly kind: 'ack';
  readonly seq: number;
  readonly subject: NodeId;
}

/**
 * Asks a helper to ping `target` by the address the helper knows. Only the data directory that is meant counts: another
 * one under the same name says nothing of it.
 */
export interface PingRequest extends Header {
  readonly kind: 'pingRequest';
  readonly seq: number;
  readonly target: NodeId;
  readonly targetInstance: string;
}

/** The helper is well, but has not reached the target (yet): the asker's own health is not in doubt. */
export interface Nack extends Header {
  readonly kind: 'nack';
  readonly seq: number;
}

/** Nothing but news. */
export interface Gossip extends Header {
  readonly kind: 'gossip';
}

/**
 * Push/pull in three steps: `ask` carries the asker and, if it is not alive, what it believes of the receiver;
 * `answer` all that the receiver knows; `rest` what the answer lacked. Members are shown to nobody before the
 * cluster ids have been compared.
 */
export interface Sync extends Header {
  readonly kind: 'sync';
  readonly phase: 'ask' | 'answer' | 'rest';
  readonly seq: number;
}

/** Answer to an `ask` of a node that is not let in. For `nodeIdInUse` its one state is that of the id's holder. */
export interface Refuse extends Header {
  readonly kind: 'refuse';
  readonly seq: number;
  readonly reason: RefusalReason;
}

/** Everything members say to each other about membership. */
export type SwimPacket = Ping | Ack | PingRequest | Nack | Gossip | Sync | Refuse;

type OmitHeader<P> = P extends SwimPacket ? Omit<P, keyof Header> : never;

/** A packet without its header: what a part of the machine wants to say. */
export type PacketBody = OmitHeader<SwimPacket>;
