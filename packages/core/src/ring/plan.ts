import type { NodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { allocateTokens, firstTokens } from './allocate.ts';
import type { RingDoc, RingMember } from './ring-doc.ts';

/** What a node brings to the ring. */
export interface Joiner {
  readonly nodeId: NodeId;
  readonly zone: string;
  /** 1 to `limits.ringWeightMax`. */
  readonly weight: number;
}

/** The ring of a cluster that has just been founded. */
export function planFirst(clusterId: string, founder: Joiner, replicas: number): RingDoc {
  const { nodeId, zone, weight } = founder;
  const member: RingMember = { nodeId, status: 'normal', zone, weight, tokens: firstTokens(weight) };
  return { clusterId, epoch: 1, replicas, members: [member] };
}

/**
 * The next ring, in which the joiner's tokens are pending; null if it cannot be planned: another change is in progress,
 * the node is a member, or there is no room (`limits.ringMembersMax`, `limits.ringTokensMax`).
 */
export function planJoin(doc: RingDoc, joiner: Joiner): RingDoc | null {
  const { nodeId, zone, weight } = joiner;
  if (!hasRoom(doc, weight) || isChanging(doc) || memberOf(doc, nodeId) !== null) return null;
  const tokens = allocateTokens(doc.members, joiner, doc.replicas);
  return withMembers(doc, [...doc.members, { nodeId, status: 'joining', zone, weight, tokens }]);
}

/** The next ring, in which a joining node owns its tokens; null if the node is not joining. */
export function planReady(doc: RingDoc, nodeId: NodeId): RingDoc | null {
  if (memberOf(doc, nodeId)?.status !== 'joining') return null;
  return withMembers(
    doc,
    doc.members.map((member) => (member.nodeId === nodeId ? { ...member, status: 'normal' } : member)),
  );
}

function hasRoom(doc: RingDoc, weight: number): boolean {
  const tokens = doc.members.reduce((sum, member) => sum + member.tokens.length, 0);
  return (
    weight >= 1 &&
    weight <= limits.ringWeightMax &&
    doc.members.length < limits.ringMembersMax &&
    tokens + weight * limits.ringTokensPerWeight <= limits.ringTokensMax
  );
}

function isChanging(doc: RingDoc): boolean {
  return doc.members.some((member) => member.status !== 'normal');
}

function memberOf(doc: RingDoc, nodeId: NodeId): RingMember | null {
  return doc.members.find((member) => member.nodeId === nodeId) ?? null;
}

function withMembers(doc: RingDoc, members: readonly RingMember[]): RingDoc {
  const sorted = [...members].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  return { ...doc, epoch: doc.epoch + 1, members: sorted };
}
