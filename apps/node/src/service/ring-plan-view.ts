import type { RingPlanView } from '@starling/api-types';
import { type NodeId, Ring, type RingDoc } from '@starling/core';
import { planDone } from '@starling/core/ring/plan.ts';
import { planDigest } from '@starling/core/ring/plan-operation.ts';
import type { NodeInspection } from './machine-port.ts';

/** A plan as the contract shows it: the ring in transition that it would make, arc by arc. */

type ArcMove = NonNullable<RingPlanView['arcs']>[number];

export function planView(ring: Ring, next: RingDoc, view: NodeInspection, withArcs: boolean): RingPlanView {
  const moving = new Ring(next);
  const settled = planDone(next);
  const after = settled === null ? ring : new Ring(settled);
  const arcs = arcMoves(moving);
  const counted = (field: 'gains' | 'loses', node: NodeId) =>
    arcs.reduce((sum, arc) => (arc[field].includes(node) ? sum + arc.to - arc.from + 1 : sum), 0);
  const shares = new Map(after.ownership().map(({ nodeId, share }) => [nodeId, share]));
  const moves = next.members.map(({ nodeId }) => ({
    nodeId,
    gains: counted('gains', nodeId),
    loses: counted('loses', nodeId),
    ownership: shares.get(nodeId) ?? 0,
  }));
  const bucketsMoved = moves.reduce((sum, { gains }) => sum + gains, 0);
  const plan: RingPlanView = {
    plan: planDigest(next),
    ringEpoch: ring.epoch,
    replicasBefore: ring.effectiveReplicas,
    replicasAfter: after.effectiveReplicas,
    bucketsMoved,
    estimatedBytes: estimatedBytes(ring, bucketsMoved, view),
    imbalance: imbalanceOf(after),
    moves,
  };
  return withArcs ? { ...plan, arcs } : plan;
}

/** Neighbouring buckets that move alike as one. */
function arcMoves(ring: Ring): ArcMove[] {
  const arcs: ArcMove[] = [];
  ring.eachArc(({ from, to }, { current, pending }) => {
    if (pending === null) return;
    const gains = pending.filter((node) => !current.includes(node));
    const loses = current.filter((node) => !pending.includes(node));
    const last = arcs.at(-1);
    if (last?.to === from - 1 && last.gains.join() === gains.join() && last.loses.join() === loses.join())
      last.to = to;
    else arcs.push({ from, to, gains, loses });
  });
  return arcs;
}

/** Records per bucket as if they lay evenly, which hashes see to; null where a member has not said what it holds. */
function estimatedBytes(ring: Ring, bucketsMoved: number, { reports }: NodeInspection): number | null {
  let bytes = 0;
  let copies = 0;
  for (const { nodeId, replicaShare } of ring.ownership()) {
    const counts = reports.find((report) => report.nodeId === nodeId)?.counts;
    if (counts === undefined) continue;
    bytes += counts.recordBytes;
    copies += replicaShare * 65_536;
  }
  return copies === 0 ? null : Math.round((bytes / copies) * bucketsMoved);
}

function imbalanceOf(ring: Ring): number {
  const weight = ring.doc.members.reduce((sum, member) => sum + member.weight, 0);
  const shares = ring.ownership();
  return Math.max(...ring.doc.members.map((member, i) => ((shares[i]?.share ?? 0) * weight) / member.weight));
}
