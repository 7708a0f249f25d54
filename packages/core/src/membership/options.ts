import type { Address, NodeId, WallMs } from '../base/ids.ts';
import { type Limits, limits } from '../base/limits.ts';
import type { Random } from '../base/random.ts';
import type { Timers } from '../base/timers.ts';
import type { Member, MemberChange } from './member.ts';
import type { MemberFacts, RefusalReason, SwimPacket } from './packet.ts';
import { type SwimTuning, swimTuning } from './tuning.ts';

/** How a packet travels: small and unreliable, or over the reliable connection. */
export type Via = 'udp' | 'tcp';

/** A known peer as the host keeps it on disk, so that a restart needs no seed. */
export interface Peer {
  readonly nodeId: NodeId;
  readonly address: Address;
}

/** The bounds of the membership machine; see `limits`. */
export type SwimLimits = Pick<
  Limits,
  | 'membersMax'
  | 'factsBytesMax'
  | 'udpPacketBytesMax'
  | 'udpSealBytes'
  | 'swimSyncStatesMax'
  | 'swimSyncBytesMax'
  | 'swimSyncAnswersPerSecondMax'
  | 'swimRumorsMax'
  | 'swimRelaysMax'
  | 'swimContactsMax'
  | 'swimContactsPerRoundMax'
  | 'incarnationLeapMax'
>;

export interface SwimOptions {
  readonly nodeId: NodeId;
  /** 16 hex digits drawn once per data directory. */
  readonly instanceId: string;
  /** Starts of a process on this data directory, this one included: 1 to 2^32 − 1. */
  readonly bootCounter: number;
  /** What others are told to reach this node by. */
  readonly address: Address;
  readonly facts: MemberFacts;
  /** Changes to `swimTuning`. */
  readonly tuning?: Partial<SwimTuning>;
  /** Changes to `limits`. */
  readonly limits?: Partial<SwimLimits>;
}

/** The options with every default filled in: what the parts of the machine work by. */
export interface SwimSettings extends SwimOptions {
  readonly tuning: SwimTuning;
  readonly limits: SwimLimits;
}

export function withDefaults(options: SwimOptions): SwimSettings {
  return {
    ...options,
    tuning: { ...swimTuning, ...options.tuning },
    limits: { ...limits, ...options.limits },
  };
}

/** Something an operator may want to see. Repeats of one kind about one node or address come at most once a minute. */
export type SwimNotice =
  /** A second data directory claims a node id. It was not let in; `holder` keeps the id. */
  | {
      readonly type: 'nodeIdInUse';
      readonly nodeId: NodeId;
      readonly address: Address;
      readonly holder: Address;
    }
  /** This node is not let in by `by`. It keeps asking: the reason may pass. */
  | {
      readonly type: 'refused';
      readonly reason: RefusalReason;
      readonly by: Address;
      readonly holder: Address | null;
    }
  /** Another data directory has taken over this node's id while this one was cut off: this node has left. */
  | { readonly type: 'replaced'; readonly holder: Address }
  /** This node has met nobody, and a living process answers under its id: this node has left, and is to be stopped. */
  | { readonly type: 'nodeIdHeld'; readonly holder: Address }
  /** A node of another cluster spoke to us or was spoken of. Neither side keeps anything of the other. */
  | { readonly type: 'foreignCluster'; readonly address: Address; readonly clusterId: string }
  /** The member list is full: this node was not taken in. */
  | { readonly type: 'membersFull'; readonly nodeId: NodeId }
  /** The member answers over TCP only: its UDP port is closed or filtered. */
  | { readonly type: 'udpUnreachable'; readonly nodeId: NodeId }
  /** An incarnation too far above the known one to be honest; what carried it was ignored. */
  | { readonly type: 'implausibleIncarnation'; readonly nodeId: NodeId; readonly incarnation: number }
  /** This node cannot raise its incarnation any further: it needs a new data directory. */
  | { readonly type: 'incarnationExhausted' };

/** What the machine needs of its surroundings. All calls are made from within `receive`, a timer or a method. */
export interface SwimHost {
  readonly timers: Timers;
  readonly random: Random;
  wallMs(): WallMs;
  /** Sends now or never: losing a packet is normal, `packet` is immutable and may be kept. */
  sendPacket(to: Address, via: Via, packet: SwimPacket): void;
  /** Another member (never this node itself) has changed. */
  onMember(member: Member, change: MemberChange): void;
  /** All peers worth remembering have changed: to be written to disk and given to the next `start`. */
  onPeersChanged(peers: readonly Peer[]): void;
  onNotice(notice: SwimNotice): void;
}
