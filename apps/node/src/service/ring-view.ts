import type { Placement, RingView } from '@starling/api-types';
import { bucketCount, keyRef, type Ring } from '@starling/core';

/** The ring as the contract shows it. */

const views = new WeakMap<Ring, RingView>();

/** Built once per epoch: a ring never changes, and it has thousands of vnodes. */
export function ringView(ring: Ring): RingView {
  const known = views.get(ring);
  if (known !== undefined) return known;
  const view = buildView(ring);
  views.set(ring, view);
  return view;
}

function buildView(ring: Ring): RingView {
  const { doc } = ring;
  const joining = new Set(
    doc.members.filter((member) => member.status === 'joining').map((member) => member.nodeId),
  );
  const vnodes = ring.vnodes.map(({ token, nodeId }) => ({
    token,
    buckets: 0,
    nodeId,
    pending: joining.has(nodeId),
  }));
  const owning = vnodes.filter((vnode) => !vnode.pending);
  let previous = (owning.at(-1)?.token ?? 0) - bucketCount;
  for (const vnode of owning) {
    vnode.buckets = vnode.token - previous;
    previous = vnode.token;
  }
  const shares = new Map(ring.ownership().map((each) => [each.nodeId, each]));
  return {
    clusterId: doc.clusterId,
    epoch: doc.epoch,
    replicas: doc.replicas,
    buckets: bucketCount,
    physicalNodes: doc.members.length,
    virtualNodes: owning.length,
    nodes: doc.members.map(({ nodeId, status, zone, weight, tokens }) => ({
      nodeId,
      status,
      zone,
      weight,
      tokens: tokens.length,
      ownership: shares.get(nodeId)?.share ?? 0,
      replicaOwnership: shares.get(nodeId)?.replicaShare ?? 0,
    })),
    vnodes,
  };
}

/** Where a key of the table `default` lives. */
export function placementOf(ring: Ring, key: string): Placement {
  const { hash, bucket } = keyRef('default', key);
  const { current, pending } = ring.replicasOf(bucket);
  return { key, hash, bucket, preferenceList: [...current], pending: [...(pending ?? [])] };
}
