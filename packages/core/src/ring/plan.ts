import type { NodeId } from '../base/ids.ts';
import { firstTokens } from './allocate.ts';
import { type Joiner, planOperation } from './plan-operation.ts';
import type { RingDoc, RingMember } from './ring-doc.ts';
import { type RingAim, type RingOperation, remembered } from './ring-operation.ts';
import { layoutNext, layoutNow, normalMembers } from './settle.ts';

/** The ring of a cluster that has just been founded. */
export function planFirst(clusterId: string, founder: Joiner, replicas: number): RingDoc {
  const { nodeId, zone, weight } = founder;
  const member: RingMember = { nodeId, status: 'normal', zone, weight, tokens: firstTokens(weight) };
  return { clusterId, epoch: 1, replicas, members: [member], change: null, operations: [] };
}

/**
 * The next ring, in which the joiner's tokens are pending: its own, or those of the member it is to replace. Null if it cannot
 * be planned: another change is in progress, the node is a member or that member is none, or there is no room
 * (`limits.ringMembersMax`, `limits.ringTokensMax`).
 */
export function planJoin(doc: RingDoc, joiner: Joiner, replaces: NodeId | null = null): RingDoc | null {
  if (doc.change !== null) return null;
  const { nodeId, zone, weight } = joiner;
  const aim: RingAim =
    replaces === null
      ? { kind: 'join', nodeId, zone, weight }
      : { kind: 'replace', nodeId: replaces, by: nodeId, zone };
  const operation: RingOperation = {
    id: `${aim.kind}-${doc.epoch + 1}`,
    aim,
    plan: '',
    force: false,
    state: 'queued',
    since: doc.epoch,
    reason: '',
  };
  const next = planOperation({ ...doc, operations: remembered(doc.operations) }, operation);
  return typeof next === 'string' ? null : next;
}

/** The next ring, in which the change in progress is in force; null if there is none, or it is paused. */
export function planDone(doc: RingDoc): RingDoc | null {
  const running = doc.operations.some(({ id, state }) => id === doc.change?.operation && state === 'running');
  return running ? ended(doc, 'done') : null;
}

/** The next ring, as if the change in progress had never begun; null if there is none. */
export function planAbort(doc: RingDoc): RingDoc | null {
  return doc.change === null ? null : ended(doc, 'aborted');
}

function ended(doc: RingDoc, state: 'done' | 'aborted'): RingDoc {
  const layout = state === 'done' ? layoutNext(doc) : layoutNow(doc);
  const epoch = doc.epoch + 1;
  return {
    clusterId: doc.clusterId,
    epoch,
    replicas: layout.replicas,
    members: normalMembers(layout),
    change: null,
    operations: doc.operations.map((operation) =>
      operation.id === doc.change?.operation ? { ...operation, state, since: epoch } : operation,
    ),
  };
}
