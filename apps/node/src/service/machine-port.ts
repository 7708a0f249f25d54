import type {
  Address,
  AntiEntropyState,
  ClientAnswer,
  ClientRequest,
  CommandAnswer,
  Finding,
  Inquiry,
  Member,
  NodeCounts,
  NodeId,
  Now,
  Ring,
  RingCommand,
  StatsReport,
  TransferProgress,
  WallMs,
} from '@starling/core';
import type { Caller } from './caller.ts';

/** What a node is to its cluster. */
export type NodeState = 'booting' | 'joining' | 'normal' | 'recovering' | 'leaving' | 'left' | 'stopping';

/** The machine as the service around it sees it. The driver implements this. */
export interface MachinePort {
  readonly nodeId: NodeId;
  readonly startedAt: WallMs;
  /**
   * Runs one request and resolves with its answer: always, by its deadline, and `unknown` for a write that may have
   * been stored when the machine was lost. It never rejects. When `caller` goes, work for it may stop.
   */
  request(request: ClientRequest, caller: Caller): Promise<ClientAnswer>;
  /** What the machine finds; null if there is none, if it is lost meanwhile, or if too many are being answered. */
  inquire(inquiry: Inquiry): Promise<Finding | null>;
  /** Has a change of the ring begun, held up or given up; resolves within `withinMs`, and never rejects. */
  command(command: RingCommand, withinMs: number): Promise<CommandAnswer>;
  /** Has this node, if it has left the ring, ask for a place in it again. */
  rejoin(): void;
  /** The ring in force: asked once per request, so a field's worth of work. */
  ring(): Ring | null;
  /** Everything an operator may see. Costs what it shows, never what is stored. */
  view(): NodeInspection;
  now(): Now;
}

/** A take-over of data by this node. */
export type TransferInspection = TransferProgress;

/** Keys this node keeps for a replica that missed writes. */
export interface HintsInspection {
  readonly target: NodeId;
  readonly pending: number;
  /** Over the bound of notes: the target is owed everything. */
  readonly everything: boolean;
}

/** Membership news on its way. */
export interface RumorInspection {
  readonly nodeId: NodeId;
  readonly status: Member['status'];
  readonly incarnation: number;
  readonly transmits: number;
}

export interface StorageInspection {
  /** Below the low-water mark: clients' writes are refused. */
  readonly diskLow: boolean;
  /** The store was poisoned by an error and is not open again yet. */
  readonly failed: boolean;
  readonly damagedRecords: number;
  readonly actor: string;
  readonly counter: number;
}

/** One node's view of itself and of everybody else, at one moment. */
export interface NodeInspection {
  readonly nodeId: NodeId;
  readonly address: Address;
  readonly zone: string;
  readonly weight: number;
  readonly version: string;
  readonly startedAt: WallMs;
  readonly state: NodeState;
  /** One sentence: why it is in this state. */
  readonly stateReason: string;
  readonly ring: Ring | null;
  /** Every member known, this node included, in ascending order of id. */
  readonly members: readonly Member[];
  /** What each node last said of its figures, this node included. */
  readonly reports: readonly StatsReport[];
  /** This node's own, exact; null while its store is not open. */
  readonly counts: NodeCounts | null;
  readonly rumors: readonly RumorInspection[];
  readonly hints: readonly HintsInspection[];
  readonly transfer: TransferInspection | null;
  readonly storage: StorageInspection;
  /** null while there is no machine. */
  readonly antiEntropy: AntiEntropyState | null;
  /** Lifeguard's local health: 0 when this node trusts its own timing. */
  readonly healthScore: number;
  readonly probePeriodMs: number;
}
