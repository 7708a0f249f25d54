import type { NodeId } from '../base/ids.ts';
import { allocateTokens, firstTokens, tokensPerWeight } from './allocate.ts';
import { bucketCount } from './bucket-range.ts';
import type { RingDoc, RingMember } from './ring-doc.ts';

/** What a node brings to the ring. */
export interface Joiner {
  readonly nodeId: NodeId;
  readonly zone: string;
  /** 1 to `weightMax`. */
  readonly weight: number;
}

/** Bounds of a ring: nodes beyond them would make the document, and every copy of it, too large to hand around. */
export const ringMembersMax = 400;
export const weightMax = 16;
export const replicasMax = 7;
/** Each token takes a bucket of its own; beyond half of them, arcs are too short to split evenly. */
const tokensMax = bucketCount / 2;

/** The ring of a cluster that has just been founded. */
export function planFirst(clusterId: string, founder: Joiner, replicas: number): RingDoc {
  const member: RingMember = { ...only(founder), status: 'normal', tokens: firstTokens(founder.weight) };
  return { clusterId, epoch: 1, replicas, members: [member] };
}

/** The next ring, in which the joiner's tokens are pending; null if it cannot be planned now. */
export function planJoin(doc: RingDoc, joiner: Joiner): RingDoc | null {
  const tokens = doc.members.reduce((sum, member) => sum + member.tokens.length, 0);
  const fits = doc.members.length < ringMembersMax && tokens + joiner.weight * tokensPerWeight <= tokensMax;
  if (!fits || isChanging(doc) || memberOf(doc, joiner.nodeId) !== null) return null;
  const member: RingMember = {
    ...only(joiner),
    status: 'joining',
    tokens: allocateTokens(doc.members, joiner, doc.replicas),
  };
  return withMembers(doc, [...doc.members, member]);
}

/** The next ring, in which a joining node owns its tokens; null if the node is not joining. */
export function planReady(doc: RingDoc, nodeId: NodeId): RingDoc | null {
  if (memberOf(doc, nodeId)?.status !== 'joining') return null;
  return withMembers(
    doc,
    doc.members.map((member) => (member.nodeId === nodeId ? { ...member, status: 'normal' } : member)),
  );
}

/** The law that a document breaks, as a sentence, or null. Whatever comes off a disk or a wire is asked. */
export function brokenRingLaw(doc: RingDoc): string | null {
  const { members, replicas } = doc;
  if (!/^[0-9a-f]{16}$/.test(doc.clusterId)) return 'a cluster id is 16 hex digits';
  if (!Number.isSafeInteger(doc.epoch) || doc.epoch < 1) return 'epochs count from 1';
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > replicasMax) return 'N is 1 to 7';
  if (members.length < 1 || members.length > ringMembersMax) return 'a ring has 1 to 400 members';
  if (members.every((member) => member.status === 'joining')) return 'a ring has an owner';
  if (members.filter((member) => member.status !== 'normal').length > 1) return 'one change at a time';
  for (let i = 1; i < members.length; i++) {
    if (members[i - 1]!.nodeId >= members[i]!.nodeId) return 'members are in order of node id, each once';
  }
  return brokenTokenLaw(members);
}

/** Whether `next` can follow `doc`: the very next epoch of the same cluster, and lawful in itself. */
export function mayFollow(doc: RingDoc, next: RingDoc): boolean {
  return next.clusterId === doc.clusterId && next.epoch === doc.epoch + 1 && brokenRingLaw(next) === null;
}

function brokenTokenLaw(members: readonly RingMember[]): string | null {
  const taken = new Uint8Array(bucketCount);
  for (const { weight, tokens } of members) {
    if (!Number.isInteger(weight) || weight < 1 || weight > weightMax) return 'a weight is 1 to 16';
    if (tokens.length !== weight * tokensPerWeight) return 'a node has 150 tokens for each unit of weight';
    let last = -1;
    for (const token of tokens) {
      if (!Number.isInteger(token) || token >= bucketCount || token <= last)
        return 'tokens are ascending buckets';
      if (taken[token] === 1) return 'a token belongs to one vnode';
      taken[token] = 1;
      last = token;
    }
  }
  return null;
}

function only({ nodeId, zone, weight }: Joiner): Joiner {
  return { nodeId, zone, weight };
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
