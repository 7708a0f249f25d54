import { unreachable } from '../base/assert.ts';
import type { NodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { encodeRingDoc } from '../codec/ring-doc.ts';
import { allocateTokens } from './allocate.ts';
import { withoutTokens } from './even-out.ts';
import { hasRoom, inOrder, memberOf } from './members.ts';
import type { MemberShape, RingDoc, RingMember } from './ring-doc.ts';
import type { RingAim, RingOperation, RingRefusal } from './ring-operation.ts';
import { sameShape } from './settle.ts';
import { sha256Hex64 } from './sha256.ts';

/** What a node brings to the ring. */
export interface Joiner {
  readonly nodeId: NodeId;
  readonly zone: string;
  /** 1 to `limits.ringWeightMax`. */
  readonly weight: number;
}

/** The part of a ring that an operation's plan makes: what will be different once it is done. */
interface Begun {
  readonly members: readonly RingMember[];
  readonly replicas: number;
  readonly shapes: readonly MemberShape[];
}

/**
 * The next ring, in which the operation's change is in progress, or why there is none. The ring must be settled. It is a
 * function of its arguments alone, so that whoever makes the plan, to show it or to carry it out, makes the same.
 */
export function planOperation(doc: RingDoc, operation: RingOperation): RingDoc | RingRefusal {
  const begun = begin(doc, operation.aim, operation.force);
  if (typeof begun === 'string') return begun;
  const epoch = doc.epoch + 1;
  const { id } = operation;
  const others = doc.operations.filter((other) => other.id !== id);
  const next: RingDoc = {
    ...doc,
    epoch,
    members: inOrder(begun.members),
    change: { operation: id, replicas: begun.replicas, shapes: inOrder(begun.shapes) },
    operations: [...others, { ...operation, state: 'running', since: epoch }],
  };
  return operation.plan === '' || operation.plan === planDigest(next) ? next : 'planChanged';
}

/** Names what a ring in transition will move: 16 hex digits that any two equal plans share, and no others. */
export function planDigest({ clusterId, replicas, members, change }: RingDoc): string {
  const bare = change === null ? null : { ...change, operation: 'plan' };
  return sha256Hex64(encodeRingDoc({ clusterId, epoch: 1, replicas, members, change: bare, operations: [] }));
}

function begin(doc: RingDoc, aim: RingAim, force: boolean): Begun | RingRefusal {
  switch (aim.kind) {
    case 'join':
      return joining(doc, aim);
    case 'drain':
    case 'remove':
      return leaving(doc, aim.nodeId, force);
    case 'replace':
      return replacing(doc, aim);
    case 'reshape':
      return reshaping(doc, aim);
    case 'replicas':
      return aim.replicas === doc.replicas
        ? 'sameAsBefore'
        : { members: doc.members, replicas: aim.replicas, shapes: [] };
    default:
      return unreachable(aim);
  }
}

function joining(doc: RingDoc, aim: Extract<RingAim, { kind: 'join' }>): Begun | RingRefusal {
  const { nodeId, zone, weight } = aim;
  if (memberOf(doc, nodeId) !== null) return 'alreadyMember';
  if (!hasRoom(doc, weight, 1)) return 'noRoom';
  const tokens = allocateTokens(doc.members, aim, doc.replicas);
  const joiner: RingMember = { nodeId, status: 'joining', zone, weight, tokens };
  return { members: [...doc.members, joiner], replicas: doc.replicas, shapes: [] };
}

function leaving(doc: RingDoc, nodeId: NodeId, force: boolean): Begun | RingRefusal {
  const member = memberOf(doc, nodeId);
  if (member === null) return 'unknownNode';
  const staying = doc.members.filter((other) => other !== member);
  if (staying.length === 0) return 'onlyOwner';
  if (staying.length < doc.replicas && !force) return 'tooFewNodes';
  const members = [...staying, { ...member, status: 'leaving' } as const];
  return {
    members,
    replicas: doc.replicas,
    shapes: changedShapes(staying, withoutTokens(staying, member.tokens)),
  };
}

function replacing(doc: RingDoc, aim: Extract<RingAim, { kind: 'replace' }>): Begun | RingRefusal {
  const member = memberOf(doc, aim.nodeId);
  if (member === null) return 'unknownNode';
  if (memberOf(doc, aim.by) !== null) return 'alreadyMember';
  if (doc.members.length >= limits.ringMembersMax) return 'noRoom';
  const { weight, tokens } = member;
  const heir: RingMember = { nodeId: aim.by, status: 'joining', zone: aim.zone, weight, tokens };
  const members = doc.members.map((other) =>
    other === member ? ({ ...member, status: 'leaving' } as const) : other,
  );
  return { members: [...members, heir], replicas: doc.replicas, shapes: [] };
}

function reshaping(doc: RingDoc, aim: Extract<RingAim, { kind: 'reshape' }>): Begun | RingRefusal {
  const member = memberOf(doc, aim.nodeId);
  if (member === null) return 'unknownNode';
  const { zone, weight } = aim;
  if (member.zone === zone && member.weight === weight) return 'sameAsBefore';
  const moved = doc.members.map((other): MemberShape => (other === member ? { ...member, zone } : other));
  const shapes =
    weight > member.weight
      ? heavier(doc, moved, aim)
      : lighter(moved, aim.nodeId, weight, member.tokens.length - weight * limits.ringTokensPerWeight);
  if (shapes === 'noRoom') return shapes;
  return { members: doc.members, replicas: doc.replicas, shapes: changedShapes(doc.members, shapes) };
}

/** What the member gains it is given as if a node of that much weight joined. */
function heavier(
  doc: RingDoc,
  moved: readonly MemberShape[],
  { nodeId, zone, weight }: Extract<RingAim, { kind: 'reshape' }>,
): MemberShape[] | 'noRoom' {
  const more = weight - memberOf(doc, nodeId)!.weight;
  if (weight > limits.ringWeightMax || !hasRoom(doc, more, 0)) return 'noRoom';
  const gained = allocateTokens(moved, { zone, weight: more }, doc.replicas);
  return moved.map((member) =>
    member.nodeId === nodeId
      ? { ...member, weight, tokens: [...member.tokens, ...gained].sort((a, b) => a - b) }
      : member,
  );
}

/** What the member loses it loses in even steps all round the ring. */
function lighter(
  moved: readonly MemberShape[],
  nodeId: NodeId,
  weight: number,
  fewer: number,
): MemberShape[] {
  const { tokens } = moved.find((member) => member.nodeId === nodeId)!;
  const share = (count: number) => Math.floor((count * fewer) / tokens.length);
  const goes = (_token: number, i: number) => share(i + 1) > share(i);
  const kept = tokens.filter((token, i) => !goes(token, i));
  return withoutTokens(
    moved.map((member) => (member.nodeId === nodeId ? { ...member, weight, tokens: kept } : member)),
    tokens.filter(goes),
  );
}

function changedShapes(before: readonly MemberShape[], after: readonly MemberShape[]): MemberShape[] {
  return after
    .filter((shape, i) => !sameShape(shape, before[i]!))
    .map(({ nodeId, zone, weight, tokens }) => ({ nodeId, zone, weight, tokens }));
}
