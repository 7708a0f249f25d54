import { isReachable } from './member.ts';
import type { MemberClaim, MemberFacts, MemberState, MemberStatus } from './packet.ts';

/** How news came: `gossip` is word of mouth, `sync` a peer's whole list, which may be long out of date. */
export type Source = 'gossip' | 'sync';

const strength: Readonly<Record<MemberStatus, number>> = { alive: 0, suspect: 1, dead: 2, left: 3 };

/**
 * What to believe of one instance after hearing `incoming`. A higher incarnation replaces everything; within one
 * incarnation the newer facts and the stronger status win, each by itself. This is the join of a lattice: the
 * same states heard in any order, any number of times, end in the same belief, and nothing old undoes anything
 * newer. Returns `known` itself if `incoming` is no news.
 */
export function mergeStates(known: MemberState, incoming: MemberState): MemberState {
  const ours = known.claim;
  const theirs = incoming.claim;
  if (theirs.incarnation !== ours.incarnation)
    return theirs.incarnation > ours.incarnation ? incoming : known;
  const newerFacts = theirs.factsVersion > ours.factsVersion;
  const stronger = strength[incoming.status] > strength[known.status];
  if (!newerFacts) return stronger ? { claim: ours, status: incoming.status, by: incoming.by } : known;
  return stronger ? incoming : { claim: theirs, status: known.status, by: known.by };
}

/** True if `incoming` holds something that `known`, of the same instance, does not. */
export function isNews(known: MemberState, incoming: MemberState): boolean {
  return mergeStates(known, incoming) !== known;
}

/** True if `incoming` is the death of which `known` is the suspicion. */
export function foresees(known: MemberState, incoming: MemberState): boolean {
  const sameLife = known.claim.incarnation === incoming.claim.incarnation;
  return incoming.status === 'dead' && known.status === 'suspect' && sameLife;
}

/**
 * A death is believed at once only where the suspicion has been known. Elsewhere it becomes a suspicion, so that the
 * member can refute what may be forged, stale, or one side's view of a partition (memberlist does so in push/pull).
 */
export function temper(known: MemberState, incoming: MemberState, source: Source): MemberState {
  if (incoming.status !== 'dead' || !isReachable(known.status)) return incoming;
  return foresees(known, incoming) && source === 'gossip' ? incoming : { ...incoming, status: 'suspect' };
}

/** True for a suspicion or death of an earlier incarnation: its teller has missed the refutation. */
export function isOutdated({ claim, status }: MemberState, known: MemberState): boolean {
  if (status === 'alive' || claim.instanceId !== known.claim.instanceId) return false;
  return claim.incarnation < known.claim.incarnation;
}

/**
 * Which of two data directories keeps a node id that both were let in with, on different sides of a partition: the
 * one with the higher incarnation, because a directory that takes over a dead member's id starts above it. The
 * order is total, so exactly one of the two yields.
 */
export function outranks(one: MemberClaim, other: MemberClaim): boolean {
  if (one.incarnation !== other.incarnation) return one.incarnation > other.incarnation;
  return one.instanceId > other.instanceId;
}

/** True if two claims of one instance and incarnation say the same of everything but newer facts. */
export function sameClaim(one: MemberClaim, other: MemberClaim): boolean {
  if (one.address !== other.address) return false;
  return one.factsVersion !== other.factsVersion || sameFacts(one.facts, other.facts);
}

export function sameFacts(a: MemberFacts, b: MemberFacts): boolean {
  return (
    a.clusterId === b.clusterId &&
    a.ringEpoch === b.ringEpoch &&
    a.version === b.version &&
    a.zone === b.zone &&
    a.state === b.state
  );
}
