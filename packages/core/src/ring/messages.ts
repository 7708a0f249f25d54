import type { NodeId, RingEpoch } from '../base/ids.ts';
import type { Ballot } from '../paxos/ballot.ts';
import type { RingDoc } from './ring-doc.ts';

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
}

/** A joining node has taken over all its arcs as of `epoch`: propose it as normal. */
export interface RingReady {
  readonly kind: 'ringReady';
  readonly nodeId: NodeId;
  readonly epoch: RingEpoch;
}

export type RingMessage =
  | RingFetch
  | RingNews
  | RingPrepare
  | RingPromise
  | RingAccept
  | RingAccepted
  | RingJoin
  | RingReady;
