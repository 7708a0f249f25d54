import type { MemberShape, RingDoc, RingMember } from './ring-doc.ts';

/** The two rings between which a change moves: what holds now, and what will hold when it is done or given up. */

/** A ring's members and N, with nothing in progress. */
export interface Layout {
  readonly replicas: number;
  readonly members: readonly MemberShape[];
}

/** Who owns data as of this document. */
export function layoutNow({ members, replicas }: RingDoc): Layout {
  return { replicas, members: members.filter(({ status }) => status !== 'joining') };
}

/** Who will own data once the change in progress is done; as now where there is none. */
export function layoutNext({ members, replicas, change }: RingDoc): Layout {
  if (change === null) return { replicas, members };
  const shapes = new Map(change.shapes.map((shape) => [shape.nodeId, shape]));
  const staying = members.filter(({ status }) => status !== 'leaving');
  return {
    replicas: change.replicas,
    members: staying.map((member) => shapes.get(member.nodeId) ?? member),
  };
}

/** The members of a settled ring of that layout. */
export function normalMembers({ members }: Layout): RingMember[] {
  return members.map(({ nodeId, zone, weight, tokens }) => ({
    nodeId,
    status: 'normal',
    zone,
    weight,
    tokens,
  }));
}

/** Whether both give every arc to the same nodes in the same order. */
export function sameLayout(a: Layout, b: Layout): boolean {
  return (
    a.replicas === b.replicas &&
    a.members.length === b.members.length &&
    a.members.every((member, i) => sameShape(member, b.members[i]!))
  );
}

export function sameShape(a: MemberShape, b: MemberShape): boolean {
  return (
    a.nodeId === b.nodeId &&
    a.zone === b.zone &&
    a.weight === b.weight &&
    a.tokens.length === b.tokens.length &&
    a.tokens.every((token, i) => token === b.tokens[i])
  );
}
