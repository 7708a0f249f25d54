import type { RingOperationView } from '@starling/api-types';
import type { NodeId, Ring, RingOperation, TransferProgress } from '@starling/core';
import { bucketsIn } from '@starling/core/ring/bucket-range.ts';
import { takersOf } from '@starling/core/ring/takers.ts';
import { transferPlan } from '@starling/core/transfer/plan.ts';
import type { NodeInspection } from './machine-port.ts';

/** An operation of the ring as the contract shows it: what the ring says, and what its takers last said of themselves. */

type Taker = RingOperationView['takers'][number];
type Wait = NonNullable<RingOperationView['waiting']>;

/** By ring: what each node takes over for the change in progress, in buckets. A ring never changes. */
const shares = new WeakMap<Ring, ReadonlyMap<NodeId, number>>();

export function operationView(operation: RingOperation, view: NodeInspection): RingOperationView {
  const { id, aim, state, since, reason } = operation;
  const ring = view.ring;
  const inProgress = ring !== null && ring.changing?.operation === id;
  const takers = inProgress ? takerViews(ring, view) : [];
  const sum = (field: 'bucketsDone' | 'bucketsTotal' | 'bytes') =>
    takers.reduce((total, taker) => total + taker[field], 0);
  const etas = takers.filter((taker) => taker.bucketsDone < taker.bucketsTotal).map(({ etaMs }) => etaMs);
  return {
    id,
    kind: aim.kind,
    nodeId: 'nodeId' in aim ? aim.nodeId : null,
    by: aim.kind === 'replace' ? aim.by : null,
    zone: 'zone' in aim ? aim.zone : null,
    weight: 'weight' in aim ? aim.weight : null,
    replicas: aim.kind === 'replicas' ? aim.replicas : null,
    state,
    sinceEpoch: since,
    refusal: reason === '' ? null : reason,
    bucketsDone: sum('bucketsDone'),
    bucketsTotal: sum('bucketsTotal'),
    bytes: sum('bytes'),
    // The slowest of the takers ends it; one without a pace has none to tell.
    etaMs: inProgress && !etas.includes(null) ? Math.max(0, ...etas.map((eta) => eta ?? 0)) : null,
    takers,
    waiting: waitOf(operation, takers, view),
  };
}

/** What every node takes over, in ascending order of node id. */
export function takerShares(ring: Ring): ReadonlyMap<NodeId, number> {
  const known = shares.get(ring);
  if (known !== undefined) return known;
  const made = new Map<NodeId, number>();
  for (const node of [...takersOf(ring)].sort()) {
    made.set(
      node,
      transferPlan(ring, node).reduce((sum, { ranges }) => sum + bucketsIn(ranges), 0),
    );
  }
  shares.set(ring, made);
  return made;
}

function takerViews(ring: Ring, view: NodeInspection): Taker[] {
  return [...takerShares(ring)].map(([nodeId, bucketsTotal]) => {
    const told = transferOf(nodeId, view);
    return {
      nodeId,
      bucketsDone: Math.min(told?.bucketsDone ?? 0, bucketsTotal),
      bucketsTotal,
      bytes: told?.bytes ?? 0,
      etaMs: told?.etaMs ?? null,
      obstacle: told?.obstacle ?? null,
    };
  });
}

/** What a node last said it takes over for the ring; what it recovers is another matter. */
function transferOf(nodeId: NodeId, view: NodeInspection): TransferProgress | null {
  const transfer = transferAt(nodeId, view);
  return transfer?.kind === 'recovery' ? null : transfer;
}

function transferAt(nodeId: string, view: NodeInspection): TransferProgress | null {
  const reported = view.reports.find((report) => report.nodeId === nodeId)?.transfer ?? null;
  return nodeId === view.nodeId ? view.transfer : reported;
}

function isAlive(nodeId: string, view: NodeInspection): boolean {
  return (
    nodeId === view.nodeId ||
    view.members.some((member) => member.nodeId === nodeId && member.status === 'alive')
  );
}

const obstacles: Readonly<Record<NonNullable<Taker['obstacle']>, Wait['reason']>> = {
  paused: 'paused',
  unreachable: 'source_unreachable',
  recovering: 'source_recovering',
  damaged: 'source_damaged',
  behind: 'source_behind',
  overloaded: 'source_overloaded',
  disk: 'taker_disk',
};

/** The first reason why it makes no headway, worst first; null while it does, and once it has ended. */
function waitOf({ state }: RingOperation, takers: readonly Taker[], view: NodeInspection): Wait | null {
  if (state === 'queued')
    return { reason: 'queued', nodeId: null, message: 'others were asked for before it' };
  if (state === 'paused') return { reason: 'paused', nodeId: null, message: 'it is to be resumed' };
  if (state !== 'running') return null;
  const owners = view.ring?.owners ?? [];
  if (owners.filter((node) => isAlive(node, view)).length * 2 <= owners.length)
    return {
      reason: 'no_majority',
      nodeId: null,
      message: 'no majority of the members is there to agree on it',
    };
  const open = takers.filter(({ bucketsDone, bucketsTotal }) => bucketsDone < bucketsTotal);
  const away = open.find(({ nodeId }) => !isAlive(nodeId, view))?.nodeId;
  if (away !== undefined)
    return {
      reason: 'taker_unreachable',
      nodeId: away,
      message: `${away}, which takes data over, is not there`,
    };
  const lossy = open.find(({ nodeId }) => transferAt(nodeId, view)?.kind === 'recovery')?.nodeId;
  if (lossy !== undefined)
    return {
      reason: 'taker_recovering',
      nodeId: lossy,
      message: `${lossy} first reads back what it may have lost`,
    };
  const held = open.find(({ obstacle }) => obstacle !== null);
  if (held?.obstacle == null) return null;
  const reason = obstacles[held.obstacle];
  return { reason, nodeId: held.nodeId, message: `${held.nodeId} gets nothing just now: ${held.obstacle}` };
}
