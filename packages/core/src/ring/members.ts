import type { NodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { RingDoc, RingMember } from './ring-doc.ts';

/** Small questions about the members of a ring document. */

export function memberOf(doc: RingDoc, nodeId: NodeId): RingMember | null {
  return doc.members.find((member) => member.nodeId === nodeId) ?? null;
}

export function inOrder<Shape extends { readonly nodeId: NodeId }>(shapes: readonly Shape[]): Shape[] {
  return [...shapes].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
}

/** Whether so much weight more fits into the ring, with so many nodes more. */
export function hasRoom(doc: RingDoc, weight: number, newNodes: number): boolean {
  const tokens = doc.members.reduce((sum, member) => sum + member.tokens.length, 0);
  return (
    weight >= 1 &&
    weight <= limits.ringWeightMax &&
    doc.members.length + newNodes <= limits.ringMembersMax &&
    tokens + weight * limits.ringTokensPerWeight <= limits.ringTokensMax
  );
}
