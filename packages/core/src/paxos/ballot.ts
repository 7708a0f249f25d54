import type { ActorId } from '../base/ids.ts';

/**
 * A Paxos ballot: higher round wins, then higher actor. The actor carries the actor epoch, so a restarted node
 * never reuses one. Round 0 is "no ballot yet".
 */
export interface Ballot {
  readonly round: number;
  readonly actor: ActorId;
}

export const noBallot: Ballot = { round: 0, actor: '' as ActorId };

/** Negative, zero or positive as `a` is below, equal to or above `b`. */
export function compareBallots(a: Ballot, b: Ballot): number {
  if (a.round !== b.round) return a.round - b.round;
  return a.actor < b.actor ? -1 : a.actor > b.actor ? 1 : 0;
}
