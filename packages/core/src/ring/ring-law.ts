import { parseNodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { bucketCount } from './bucket-range.ts';
import type { MemberShape, RingChange, RingDoc } from './ring-doc.ts';
import { isOpen, type RingOperation } from './ring-operation.ts';
import { type Layout, layoutNext, layoutNow, sameLayout, sameShape } from './settle.ts';

const zonePattern = /^[a-zA-Z0-9._-]+$/;
const operationIdPattern = /^[a-zA-Z0-9._-]{1,64}$/;

/** The law that a document breaks, as a sentence, or null. Whatever comes off a disk or a wire is asked. */
export function brokenRingLaw(doc: RingDoc): string | null {
  const { members, replicas, change } = doc;
  if (!/^[0-9a-f]{16}$/.test(doc.clusterId)) return 'a cluster id is 16 hex digits';
  if (!Number.isSafeInteger(doc.epoch) || doc.epoch < 1) return 'epochs count from 1';
  if (!isCount(replicas, limits.ringReplicasMax)) return `N is 1 to ${limits.ringReplicasMax}`;
  if (!isCount(members.length, limits.ringMembersMax))
    return `a ring has 1 to ${limits.ringMembersMax} members`;
  if (members.every((member) => member.status === 'joining')) return 'a ring has an owner';
  if (!ascendingIds(members)) return 'members are in order of node id, each once';
  return (
    brokenChangeLaw(doc) ??
    brokenLayoutLaw(layoutNow(doc)) ??
    (change === null ? null : brokenLayoutLaw(layoutNext(doc))) ??
    brokenOperationsLaw(doc)
  );
}

function brokenChangeLaw({ members, change }: RingDoc): string | null {
  const count = (status: string) => members.filter((member) => member.status === status).length;
  if (count('joining') > 1 || count('leaving') > 1) return 'one change at a time';
  if (change === null)
    return count('normal') === members.length ? null : 'members are normal while nothing changes';
  if (!isCount(change.replicas, limits.ringReplicasMax)) return `N is 1 to ${limits.ringReplicasMax}`;
  if (count('leaving') === members.length) return 'a ring keeps an owner';
  if (!ascendingIds(change.shapes)) return 'members are in order of node id, each once';
  const stays = new Set(members.filter(({ status }) => status === 'normal').map(({ nodeId }) => nodeId));
  return change.shapes.every(({ nodeId }) => stays.has(nodeId)) ? null : 'only who stays gets another shape';
}

function brokenLayoutLaw({ members }: Layout): string | null {
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

function brokenOperationsLaw({ change, operations }: RingDoc): string | null {
  if (operations.length > limits.ringOperationsMax)
    return `a ring remembers ${limits.ringOperationsMax} operations`;
  if (new Set(operations.map(({ id }) => id)).size !== operations.length)
    return 'an operation has its own id';
  if (!operations.every(({ id }) => operationIdPattern.test(id))) return 'an operation has its own id';
  const begun = operations.filter(({ state }) => state === 'running' || state === 'paused');
  if (change === null) return begun.length === 0 ? null : 'an operation runs while the ring changes';
  return begun.length === 1 && begun[0]!.id === change.operation
    ? null
    : 'a change is made by the operation that runs';
}

/**
 * The law that `next` breaks as the successor of `doc`, or null: it is the very next epoch of the same cluster, lawful
 * in itself, and differs by one step. A change that begins leaves everything where it is; one that ends does exactly what
 * it said, or nothing; and between the two it stays what it was. The voters hold every proposal to it, so that no proposer,
 * however wrong or old, can move what the cluster has not agreed to move.
 */
export function brokenStepLaw(doc: RingDoc, next: RingDoc): string | null {
  if (next.clusterId !== doc.clusterId) return 'a ring belongs to one cluster';
  if (next.epoch !== doc.epoch + 1) return 'epochs go up by one';
  return brokenOwnershipStep(doc, next) ?? brokenOperationsStep(doc, next) ?? brokenRingLaw(next);
}

function brokenOwnershipStep(doc: RingDoc, next: RingDoc): string | null {
  const before = layoutNow(doc);
  const after = layoutNow(next);
  if (next.change !== null) {
    if (!sameLayout(before, after)) return 'nothing moves before its change is done';
    const goesOn = doc.change !== null;
    return goesOn && !(sameChange(doc.change, next.change) && sameLayout(layoutNext(doc), layoutNext(next)))
      ? 'a change stays what it was'
      : null;
  }
  if (doc.change === null) return sameLayout(before, after) ? null : 'nothing moves without a change';
  const state = next.operations.find(({ id }) => id === doc.change?.operation)?.state;
  if (state === 'aborted') return sameLayout(before, after) ? null : 'what is aborted has moved nothing';
  if (state !== 'done') return 'a change ends with its operation';
  if (doc.operations.find(({ id }) => id === doc.change?.operation)?.state === 'paused')
    return 'what is paused does not end by itself';
  return sameLayout(layoutNext(doc), after) ? null : 'a change does what it said';
}

/** What was asked for stays asked for until it has ended. */
function brokenOperationsStep(doc: RingDoc, next: RingDoc): string | null {
  const kept = (operation: RingOperation) =>
    next.operations.some(({ id, aim }) => id === operation.id && aim.kind === operation.aim.kind);
  if (!doc.operations.every((operation) => !isOpen(operation) || kept(operation)))
    return 'an operation is not forgotten before it has ended';
  const words = ({ operations }: RingDoc) => operations.map(({ id, state }) => `${id} ${state}`).join();
  return words(doc) === words(next) ? 'a ring differs from the last by what becomes of an operation' : null;
}

function sameChange(a: RingChange, b: RingChange): boolean {
  return (
    a.operation === b.operation &&
    a.replicas === b.replicas &&
    a.shapes.length === b.shapes.length &&
    a.shapes.every((shape, i) => sameShape(shape, b.shapes[i]!))
  );
}

function ascendingIds(shapes: readonly MemberShape[]): boolean {
  return shapes.every(({ nodeId }, i) => i === 0 || shapes[i - 1]!.nodeId < nodeId);
}

function isCount(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max;
}
