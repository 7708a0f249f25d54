import type { ActorId, NodeId } from '../base/ids.ts';
import type { Random } from '../base/random.ts';
import type { Timers } from '../base/timers.ts';
import type { RowWrite } from '../node/effect.ts';
import type { RingMessage } from './messages.ts';
import type { Joiner } from './plan-operation.ts';
import type { Ring } from './ring.ts';

/** What agreeing on the ring needs of the node around it. */
export interface RingHost {
  readonly timers: Timers;
  readonly random: Random;
  /** This node, as it asks to be taken into the ring. */
  readonly self: Joiner;
  /** The member whose tokens this node asks for, if it is to take somebody's place. */
  readonly replaces: NodeId | null;
  /** Under whose name ballots are made; it changes whenever a ballot might otherwise be used twice. */
  actor(): ActorId;
  send(to: NodeId, message: RingMessage): void;
  /** Stores rows in one batch; `then` runs when they are durable. */
  persist(rows: readonly RowWrite[], then: () => void): void;
  isAlive(node: NodeId): boolean;
  /** Reachable nodes that say they hold a ring, this one left out. */
  candidates(): readonly NodeId[];
  /** A newer ring is in force here, and durable. */
  onRing(ring: Ring, previous: Ring | null): void;
}

export const ringRow = 'm/ring';
export const voterRow = 'm/ring-paxos';
/** There while this node has been in the ring and is not any more. */
export const departedRow = 'm/departed';
export const departedMark = new Uint8Array(0);
