import type { Address, NodeId, WallMs } from '../base/ids.ts';
import type { MemberFacts, MemberState, MemberStatus } from './packet.ts';

/** A member as the rest of the node sees it. Immutable. */
export interface Member {
  readonly nodeId: NodeId;
  readonly instanceId: string;
  /** As the member advertises it. */
  readonly address: Address;
  readonly incarnation: number;
  readonly status: MemberStatus;
  /** Since when it has this status here, by this node's wall clock. */
  readonly since: WallMs;
  readonly facts: MemberFacts;
}

/**
 * What happened to a member: it is new here, its status changed, its claim changed (address, facts or incarnation)
 * while the status stayed, or it is no member of this cluster any more.
 */
export type MemberChange = 'joined' | 'status' | 'claim' | 'forgotten';

/** Alive or under suspicion: it may still answer, so it is worth sending to. */
export function isReachable(status: MemberStatus): boolean {
  return status === 'alive' || status === 'suspect';
}

/** The public view of a state. */
export function toMember({ claim, status }: MemberState, since: WallMs): Member {
  const { nodeId, instanceId, address, incarnation, facts } = claim;
  return { nodeId, instanceId, address, incarnation, status, since, facts };
}
