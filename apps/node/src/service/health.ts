import type { Health, HealthReason } from '@starling/api-types';
import { bucketCount, type Member, type NodeId, type StatsReport } from '@starling/core';
import type { NodeInspection } from './machine-port.ts';

/**
 * One verdict on the cluster, as one node sees it, with a reason for every point off and the culprit of each. Only what
 * costs something today, or would cost data if one more thing failed, lowers the verdict.
 */

/** Figures come every second; silence for so long while the node counts as alive is worth saying, in ms. */
const reportAgeMsMax = 10_000;

/** Requests wait for the event loop: a p99 above this is felt in every one of them, in ms. */
const eventLoopDelayMsMax = 250;

export function healthOf(view: NodeInspection, wallMs: number): Health {
  const reasons = [
    ...ownReasons(view),
    ...ringReasons(view),
    ...memberReasons(view),
    ...reportReasons(view, wallMs),
    ...owedReasons(view),
  ].sort((a, b) => rank[a.severity] - rank[b.severity]);
  const gravest = reasons[0]?.severity ?? 'info';
  const verdict = gravest === 'critical' ? 'critical' : gravest === 'warning' ? 'degraded' : 'healthy';
  return { verdict, summary: summaryOf(view, reasons), reasons, observedAt: wallMs };
}

const rank = { critical: 0, warning: 1, info: 2 } as const;

function summaryOf(view: NodeInspection, reasons: readonly HealthReason[]): string {
  const grave = reasons.filter((reason) => reason.severity !== 'info');
  const first = grave[0];
  if (first !== undefined)
    return grave.length === 1 ? first.message : `${first.message}, and ${grave.length - 1} more`;
  const count = view.ring?.doc.members.length ?? 0;
  return count === 1 ? 'one node, alive' : `${count} nodes, all alive`;
}

function node(id: NodeId): HealthReason['subject'] {
  return { kind: 'node', id };
}

function ownReasons(view: NodeInspection): HealthReason[] {
  const reasons: HealthReason[] = [];
  const subject = { kind: 'storage', id: view.nodeId } as const;
  if (view.storage.failed) {
    const message = `the store of ${view.nodeId} has failed and is being opened again`;
    reasons.push({ code: 'storage_failed', severity: 'critical', message, subject });
  }
  if (view.storage.diskLow) {
    const message = `${view.nodeId} is below its low-water mark of free disk and refuses new values`;
    reasons.push({ code: 'disk_low', severity: 'critical', message, subject });
  }
  if (view.storage.damagedRecords > 0) {
    const message = `${view.storage.damagedRecords} records of ${view.nodeId} are damaged and wait for a good copy`;
    reasons.push({ code: 'records_damaged', severity: 'warning', message, subject });
  }
  return reasons;
}

function ringReasons({ nodeId, ring, members, stateReason }: NodeInspection): HealthReason[] {
  if (ring === null) {
    const message = `${nodeId} knows no ring yet: ${stateReason}`;
    return [{ code: 'no_ring', severity: 'critical', message, subject: { kind: 'ring', id: nodeId } }];
  }
  const reasons: HealthReason[] = [];
  const lost = bucketsWithoutQuorum({ nodeId, ring, members });
  if (lost > 0) {
    const share = ((100 * lost) / bucketCount).toFixed(1);
    const message = `${share} % of the keys have no quorum of live replicas`;
    reasons.push({
      code: 'quorum_lost',
      severity: 'critical',
      message,
      subject: { kind: 'ring', id: `${ring.epoch}` },
    });
  }
  if (ring.effectiveReplicas < ring.doc.replicas) {
    const message = `keys have ${ring.effectiveReplicas} of ${ring.doc.replicas} replicas: there are no more nodes`;
    reasons.push({
      code: 'fewer_nodes_than_replicas',
      severity: 'warning',
      message,
      subject: { kind: 'ring', id: `${ring.epoch}` },
    });
  }
  return reasons;
}

/** Buckets of which this node does not know a majority of replicas to be alive, as far as it has heard: all without a ring. */
export function bucketsWithoutQuorum({
  nodeId,
  ring,
  members,
}: Pick<NodeInspection, 'nodeId' | 'ring' | 'members'>): number {
  if (ring === null) return bucketCount;
  const reachable = new Set<NodeId>([nodeId]);
  for (const { nodeId, status } of members)
    if (status === 'alive' || status === 'suspect') reachable.add(nodeId);
  const hasMajority = (nodes: readonly NodeId[]) =>
    2 * nodes.filter((each) => reachable.has(each)).length > nodes.length;
  let lost = 0;
  ring.eachArc(({ from, to }, { current, pending }) => {
    if (!hasMajority(current) || (pending !== null && !hasMajority(pending))) lost += to - from + 1;
  });
  return lost;
}

function memberReasons({ nodeId, ring, members }: NodeInspection): HealthReason[] {
  const reasons: HealthReason[] = [];
  const known = new Map(members.map((member) => [member.nodeId, member]));
  for (const { nodeId: id, status } of ring?.doc.members ?? []) {
    const member = known.get(id);
    if (id !== nodeId) reasons.push(...livenessReasons(id, member));
    if (status === 'joining') {
      reasons.push({
        code: 'node_joining',
        severity: 'info',
        message: `${id} is taking over its share`,
        subject: node(id),
      });
    }
    if (status === 'leaving') {
      reasons.push({
        code: 'node_leaving',
        severity: 'info',
        message: `${id} is handing over its share`,
        subject: node(id),
      });
    }
    if (member?.facts.state === 'recovering') {
      const message = `${id} may have lost local history and is catching up`;
      reasons.push({ code: 'node_recovering', severity: 'warning', message, subject: node(id) });
    }
  }
  return reasons;
}

function livenessReasons(id: NodeId, member: Member | undefined): HealthReason[] {
  const subject = node(id);
  if (member === undefined) {
    return [
      { code: 'node_unheard', severity: 'warning', message: `nothing was heard of ${id} yet`, subject },
    ];
  }
  switch (member.status) {
    case 'alive':
      return [];
    case 'suspect':
      return [{ code: 'node_suspect', severity: 'warning', message: `${id} does not answer`, subject }];
    case 'dead':
      return [{ code: 'node_dead', severity: 'warning', message: `${id} is dead`, subject }];
    case 'left':
      return [
        { code: 'node_dead', severity: 'warning', message: `${id} has left and still owns data`, subject },
      ];
    default:
      return member.status satisfies never;
  }
}

function reportReasons({ reports, members }: NodeInspection, wallMs: number): HealthReason[] {
  const alive = new Set(members.filter((member) => member.status === 'alive').map((member) => member.nodeId));
  return reports.flatMap((report) => (alive.has(report.nodeId) ? oneReport(report, wallMs) : []));
}

function oneReport({ nodeId, stats, observedAt }: StatsReport, wallMs: number): HealthReason[] {
  const ageMs = wallMs - observedAt;
  if (ageMs > reportAgeMsMax) {
    const message = `no figures from ${nodeId} for ${Math.round(ageMs / 1000)} s`;
    return [{ code: 'node_unheard', severity: 'warning', message, subject: node(nodeId) }];
  }
  const delayMs = stats.eventLoopDelayP99Ms;
  if (delayMs === null || delayMs <= eventLoopDelayMsMax) return [];
  const message = `the event loop of ${nodeId} is late by ${Math.round(delayMs)} ms (p99)`;
  return [{ code: 'event_loop_slow', severity: 'warning', message, subject: node(nodeId) }];
}

function owedReasons({ nodeId, hints, transfer }: NodeInspection): HealthReason[] {
  const reasons: HealthReason[] = hints
    .filter((owed) => owed.pending > 0 || owed.everything)
    .map(({ target, pending, everything }) => ({
      code: 'hints_pending',
      severity: 'info',
      message: everything
        ? `${target} is owed all that ${nodeId} holds`
        : `${target} is owed ${pending} keys`,
      subject: node(target),
    }));
  if (transfer !== null) {
    const { kind, bucketsDone, bucketsTotal } = transfer;
    const message = `${nodeId}: ${kind}, ${bucketsDone} of ${bucketsTotal} buckets`;
    reasons.push({
      code: 'transfer_running',
      severity: 'info',
      message,
      subject: { kind: 'transfer', id: nodeId },
    });
  }
  return reasons;
}
