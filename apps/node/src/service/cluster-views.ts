import {
  type ClusterOverview,
  failed,
  type GossipStatus,
  type HintsOwed,
  type Members,
  type Member as MemberView,
  type NodeReport,
  type NodeStatus,
  type OutputOf,
  type Result,
  type StorageReport,
  type TransferReport,
} from '@starling/api-types';
import type { Member, NodeId } from '@starling/core';
import { healthOf } from './health.ts';
import type { NodeInspection } from './machine-port.ts';
import { unreadiness } from './readiness.ts';

/** One node's inspection as the contract shows it. Pure: the same inspection gives the same documents. */

export function observation(view: NodeInspection, wallMs: number) {
  return { observer: view.nodeId, observedAt: wallMs };
}

export function memberViews(view: NodeInspection): MemberView[] {
  return view.members.map(({ nodeId, address, status, incarnation, since, facts }) => ({
    nodeId,
    address,
    status,
    incarnation,
    zone: facts.zone,
    version: facts.version,
    ringEpoch: facts.ringEpoch,
    state: facts.state,
    statusSince: since,
  }));
}

export function membersOf(view: NodeInspection, wallMs: number): Members {
  const members = memberViews(view);
  return { ...observation(view, wallMs), aliveMembers: countOf(view, 'alive'), members };
}

function countOf(view: NodeInspection, status: Member['status']): number {
  return view.members.filter((member) => member.status === status).length;
}

export function gossipStatusOf(view: NodeInspection, wallMs: number): GossipStatus {
  const self = view.members.find((member) => member.nodeId === view.nodeId);
  return {
    ...observation(view, wallMs),
    incarnation: self?.incarnation ?? 0,
    healthScore: view.healthScore,
    probePeriodMs: view.probePeriodMs,
    members: view.members.length,
    aliveMembers: countOf(view, 'alive'),
    suspectMembers: countOf(view, 'suspect'),
    deadMembers: countOf(view, 'dead'),
    leftMembers: countOf(view, 'left'),
    rumorsQueued: view.rumors.length,
  };
}

export function rumorsOf(view: NodeInspection, wallMs: number): OutputOf<'gossip.rumors'> {
  const rumors = view.rumors.map(({ nodeId, status, incarnation, transmits }) => ({
    kind: status,
    nodeId,
    incarnation,
    transmits,
  }));
  return { ...observation(view, wallMs), rumors };
}

/** Every node that the ring lists or membership knows, in ascending order of id. */
export function nodeReports(view: NodeInspection): NodeReport[] {
  const ids = new Set<NodeId>(view.members.map((member) => member.nodeId));
  for (const member of view.ring?.doc.members ?? []) ids.add(member.nodeId);
  ids.add(view.nodeId);
  const shares = new Map(view.ring?.ownership().map((each) => [each.nodeId, each.share]));
  return [...ids].sort().map((id) => nodeReport(view, id, shares.get(id) ?? 0));
}

function nodeReport(view: NodeInspection, nodeId: NodeId, ownership: number): NodeReport {
  const member = view.members.find((each) => each.nodeId === nodeId);
  const owner = view.ring?.member(nodeId) ?? null;
  const report = view.reports.find((each) => each.nodeId === nodeId);
  const isSelf = nodeId === view.nodeId;
  return {
    nodeId,
    address: member?.address ?? (isSelf ? view.address : null),
    liveness: isSelf ? 'alive' : (member?.status ?? 'unknown'),
    incarnation: member?.incarnation ?? null,
    ringStatus: owner?.status ?? null,
    zone: owner?.zone ?? member?.facts.zone ?? (isSelf ? view.zone : null),
    weight: owner?.weight ?? (isSelf ? view.weight : null),
    ownership,
    stats: report?.stats ?? null,
    counts: report?.counts ?? null,
    observedAt: report?.observedAt ?? null,
  };
}

export function transfersOf({ nodeId, transfer }: NodeInspection): TransferReport[] {
  if (transfer === null) return [];
  const { kind, bucketsDone, bucketsTotal, bytes } = transfer;
  return [{ nodeId, kind, bucketsDone, bucketsTotal, bytes }];
}

export function hintsOf(view: NodeInspection): HintsOwed[] {
  return view.hints.map(({ target, pending, everything }) => ({ target, pending, everything }));
}

export function overviewOf(view: NodeInspection, wallMs: number): ClusterOverview {
  return {
    ...observation(view, wallMs),
    clusterId: view.ring?.doc.clusterId ?? null,
    ringEpoch: view.ring?.epoch ?? 0,
    health: healthOf(view, wallMs),
    nodes: nodeReports(view),
    transfers: transfersOf(view),
    hints: hintsOf(view),
  };
}

export function statusOf(view: NodeInspection, wallMs: number): NodeStatus {
  const shares = new Map(view.ring?.ownership().map((each) => [each.nodeId, each.share]));
  return {
    ...observation(view, wallMs),
    nodeId: view.nodeId,
    clusterId: view.ring?.doc.clusterId ?? null,
    version: view.version,
    state: view.state,
    stateReason: view.stateReason,
    ready: unreadiness(view) === null,
    uptimeMs: Math.max(0, wallMs - view.startedAt),
    ringEpoch: view.ring?.epoch ?? 0,
    members: {
      total: view.members.length,
      alive: countOf(view, 'alive'),
      suspect: countOf(view, 'suspect'),
      dead: countOf(view, 'dead'),
      left: countOf(view, 'left'),
    },
    health: healthOf(view, wallMs),
    node: nodeReport(view, view.nodeId, shares.get(view.nodeId) ?? 0),
  };
}

export function storageOf(view: NodeInspection, wallMs: number): Result<StorageReport> {
  const { counts } = view;
  if (counts === null) {
    return { ok: false, error: failed('storage_failed', `the store is not open: ${view.stateReason}`) };
  }
  const { requestsInFlight: _, ...stored } = counts;
  const own = view.reports.find((report) => report.nodeId === view.nodeId);
  const output = {
    ...observation(view, wallMs),
    nodeId: view.nodeId,
    ...stored,
    diskLow: view.storage.diskLow,
    damagedRecords: view.storage.damagedRecords,
    actor: view.storage.actor,
    counter: view.storage.counter,
    diskUsedBytes: own?.stats.diskUsedBytes ?? null,
    diskFreeBytes: own?.stats.diskFreeBytes ?? null,
  };
  return { ok: true, output };
}
