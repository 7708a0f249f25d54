import { parseNodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { bucketCount } from './bucket-range.ts';
import type { RingDoc, RingMember, RingStatus } from './ring-doc.ts';

const zonePattern = /^[a-zA-Z0-9._-]+$/;

/** The law that a document breaks, as a sentence, or null. Whatever comes off a disk or a wire is asked. */
export function brokenRingLaw(doc: RingDoc): string | null {
  const { members, replicas } = doc;
  if (!/^[0-9a-f]{16}$/.test(doc.clusterId)) return 'a cluster id is 16 hex digits';
  if (!Number.isSafeInteger(doc.epoch) || doc.epoch < 1) return 'epochs count from 1';
  if (!isCount(replicas, limits.ringReplicasMax)) return `N is 1 to ${limits.ringReplicasMax}`;
  if (!isCount(members.length, limits.ringMembersMax))
    return `a ring has 1 to ${limits.ringMembersMax} members`;
  if (members.every((member) => member.status === 'joining')) return 'a ring has an owner';
  if (members.filter((member) => member.status !== 'normal').length > 1) return 'one change at a time';
  for (let i = 1; i < members.length; i++) {
    if (members[i - 1]!.nodeId >= members[i]!.nodeId) return 'members are in order of node id, each once';
  }
  return brokenMemberLaw(members);
}

function brokenMemberLaw(members: readonly RingMember[]): string | null {
  const taken = new Uint8Array(bucketCount);
  for (const { nodeId, zone, weight, tokens } of members) {
    if (parseNodeId(nodeId) === null) return 'a member has a node id';
    if (zone.length > limits.zoneCharsMax || !zonePattern.test(zone)) return 'a zone has a name';
    if (!isCount(weight, limits.ringWeightMax)) return `a weight is 1 to ${limits.ringWeightMax}`;
    if (tokens.length !== weight * limits.ringTokensPerWeight) {
      return `a node has ${limits.ringTokensPerWeight} tokens for each unit of weight`;
    }
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

/**
 * The law that `next` breaks as the successor of `doc`, or null: it is the very next epoch of the same cluster, lawful
 * in itself, and differs by one step of one member. The voters hold every proposal to it, so that no proposer, however
 * wrong or old, can move what the cluster has not agreed to move.
 */
export function brokenStepLaw(doc: RingDoc, next: RingDoc): string | null {
  if (next.clusterId !== doc.clusterId) return 'a ring belongs to one cluster';
  if (next.epoch !== doc.epoch + 1) return 'epochs go up by one';
  if (next.replicas !== doc.replicas) return 'N stays as it is';
  const before = new Map(doc.members.map((member) => [member.nodeId, member]));
  const after = new Map(next.members.map((member) => [member.nodeId, member]));
  if (doc.members.some(({ nodeId }) => !after.has(nodeId))) return 'nobody leaves the ring in this step';
  let steps = 0;
  for (const member of next.members) {
    const old = before.get(member.nodeId);
    if (old !== undefined && !sameVnodes(old, member)) return 'a member keeps its zone, weight and tokens';
    if (old?.status === member.status) continue;
    if (!isStep(old?.status ?? null, member.status)) return 'a node joins first and is normal next';
    steps++;
  }
  return steps === 1 ? brokenRingLaw(next) : 'a ring differs from the last by one step of one member';
}

/** Steps a member can take from one ring to the next; null means it is not in the ring. */
function isStep(from: RingStatus | null, to: RingStatus): boolean {
  return (from === null && to === 'joining') || (from === 'joining' && to === 'normal');
}

function sameVnodes(a: RingMember, b: RingMember): boolean {
  return (
    a.zone === b.zone &&
    a.weight === b.weight &&
    a.tokens.length === b.tokens.length &&
    a.tokens.every((token, i) => token === b.tokens[i])
  );
}

function isCount(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max;
}
