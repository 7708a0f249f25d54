/** For tests only: what somebody who holds the cluster's secret could forge. */
import type { Gossip, MemberState } from './packet.ts';
import type { Process } from './test-process.ts';

/** A member's state as another one would pass it on, changed as a forger likes. */
export function about(subject: Process, change: Partial<MemberState>, incarnation = 0): MemberState {
  const { nodeId: id, instanceId, address: at, facts, ...member } = subject.swim.member(subject.name)!;
  const claim = { nodeId: id, instanceId, address: at, facts, factsVersion: 0 };
  return {
    claim: { ...claim, incarnation: incarnation || member.incarnation },
    status: 'alive',
    by: id,
    ...change,
  };
}

export function gossipOf(sender: Process, updates: readonly MemberState[]): Gossip {
  const { name, instanceId, swim } = sender;
  const cluster = swim.member(name)!.facts.clusterId;
  return { kind: 'gossip', sender: name, instanceId, cluster, view: 0, updates };
}
