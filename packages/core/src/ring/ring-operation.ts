import type { NodeId, RingEpoch } from '../base/ids.ts';
import { limits } from '../base/limits.ts';

/** What an operation makes of the ring. */
export type RingAim =
  /** A new node gets tokens of its own. */
  | { readonly kind: 'join'; readonly nodeId: NodeId; readonly zone: string; readonly weight: number }
  /** A member hands all its arcs over and leaves. */
  | { readonly kind: 'drain'; readonly nodeId: NodeId }
  /** A member that is gone for good leaves; what it held is taken from the other replicas. */
  | { readonly kind: 'remove'; readonly nodeId: NodeId }
  /** A new node gets the tokens of a member, which leaves. */
  | { readonly kind: 'replace'; readonly nodeId: NodeId; readonly by: NodeId; readonly zone: string }
  /** A member gets another weight or zone. */
  | { readonly kind: 'reshape'; readonly nodeId: NodeId; readonly zone: string; readonly weight: number }
  /** Every key gets another number of replicas. */
  | { readonly kind: 'replicas'; readonly replicas: number };

/**
 * `queued`: waits for those before it. `running`: its change is in progress. `paused`: it is, and nothing is moved.
 * `done`: its change is in force. `aborted`: given up before that, the ring as if it had never been. `refused`: when its
 * turn came the ring had no room for it any more.
 */
export type RingOperationState = 'queued' | 'running' | 'paused' | 'done' | 'aborted' | 'refused';

/** One change of the ring as the cluster has agreed to make it. */
export interface RingOperation {
  /** Chosen by whoever asks, so that asking again does not ask twice. */
  readonly id: string;
  readonly aim: RingAim;
  /** Digest of the plan that must be carried out, or empty for whatever the plan is when its turn comes. */
  readonly plan: string;
  /** Carry it out though keys will have fewer replicas than N. */
  readonly force: boolean;
  readonly state: RingOperationState;
  /** Epoch of the ring in which it came to be in this state. */
  readonly since: RingEpoch;
  /** Why it was refused; empty in every other state. */
  readonly reason: string;
}

/** What an operator may ask for; granted as soon as a ring says so. */
export type RingCommand =
  | {
      readonly kind: 'begin';
      readonly id: string;
      readonly aim: RingAim;
      readonly plan: string;
      readonly force: boolean;
    }
  | { readonly kind: 'pause'; readonly id: string }
  | { readonly kind: 'resume'; readonly id: string }
  | { readonly kind: 'abort'; readonly id: string };

/** Why a command cannot be granted. */
export type RingRefusal =
  | 'unknownNode'
  | 'alreadyMember'
  | 'onlyOwner'
  | 'tooFewNodes'
  | 'noRoom'
  | 'sameAsBefore'
  | 'unknownOperation'
  | 'ended'
  | 'notStarted'
  | 'alreadyAsked'
  | 'queueFull'
  | 'planChanged'
  | 'nodeAlive'
  | 'nodeUnreachable';

/** An operation that has not ended. */
export function isOpen(operation: RingOperation): boolean {
  return operation.state === 'queued' || operation.state === 'running' || operation.state === 'paused';
}

/** The operations that a ring goes on listing when there is one more: the oldest that have ended make room for it. */
export function remembered(operations: readonly RingOperation[]): RingOperation[] {
  let tooMany = operations.length - (limits.ringOperationsMax - 1);
  return operations.filter((operation) => isOpen(operation) || tooMany-- <= 0);
}
