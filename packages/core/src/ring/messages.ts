import type { NodeId, RingEpoch } from '../base/ids.ts';
import type { Ballot } from '../paxos/ballot.ts';
import type { RingDoc } from './ring-doc.ts';
import type { RingCommand, RingRefusal } from './ring-operation.ts';

/** Asks for the receiver's current ring. */
export interface RingFetch {
  readonly kind: 'ringFetch';
}

/** A ring known to be chosen: answer to a fetch, or the news of a commit. */
export interface RingNews {
  readonly kind: 'ringNews';
  readonly doc: RingDoc;
}

/** Paxos phase 1 for the document of `epoch`; sent to the voters of `epoch − 1`. */
export interface RingPrepare {
  readonly kind: 'ringPrepare';
  readonly epoch: RingEpoch;
  readonly ballot: Ballot;
}

/** `promised` is the highest ballot the voter has promised: equal to the prepare's ballot when it agrees. */
export interface RingPromise {
  readonly kind: 'ringPromise';
  readonly epoch: RingEpoch;
  readonly ballot: Ballot;
  readonly promised: Ballot;
  readonly accepted: { readonly ballot: Ballot; readonly doc: RingDoc } | null;
}

export interface RingAccept {
  readonly kind: 'ringAccept';
  readonly epoch: RingEpoch;
  readonly ballot: Ballot;
  readonly doc: RingDoc;
}

export interface RingAccepted {
  readonly kind: 'ringAccepted';
  readonly epoch: RingEpoch;
  readonly ballot: Ballot;
  /** Equal to `ballot` when the voter accepted; higher when it refused. */
  readonly promised: Ballot;
}

/** A node without ownership asks any member to propose its entry into the ring. Repeated until the ring lists it. */
export interface RingJoin {
  readonly kind: 'ringJoin';
  readonly nodeId: NodeId;
  readonly zone: string;
  readonly weight: number;
  /** The member whose tokens it asks for, which is then to leave; null for tokens of its own. */
  readonly replaces: NodeId | null;
}

/** This node has taken over every arc that the change in progress gives it, as of `epoch`. */
export interface RingReady {
  readonly kind: 'ringReady';
  readonly nodeId: NodeId;
  readonly epoch: RingEpoch;
}

/** Make a change that an operator asks for; any owner may be asked, and repeatedly. Granted when a ring says so. */
export interface RingAsk {
  readonly kind: 'ringAsk';
  readonly command: RingCommand;
}

/** The command of that id cannot be granted as things stand. */
export interface RingRefused {
  readonly kind: 'ringRefused';
  readonly id: string;
  readonly command: RingCommand['kind'];
  readonly refusal: RingRefusal;
}

export type RingMessage =
  | RingFetch
  | RingNews
  | RingPrepare
  | RingPromise
  | RingAccept
  | RingAccepted
  | RingJoin
  | RingReady
  | RingAsk
  | RingRefused;
