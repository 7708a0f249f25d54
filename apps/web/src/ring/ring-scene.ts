import type { ExplainReport, RingView, TransferReport } from '@starling/api-types';
import type { Condition } from '../nodes/condition.ts';

/** A node as the drawing shows it. */
export interface SceneNode {
  readonly nodeId: string;
  readonly condition: Condition;
}

/** Where a key lives: a key of the lookup, or of a request that was explained. */
export interface ScenePlace {
  readonly key: string;
  readonly bucket: number;
  readonly replicas: readonly string[];
  readonly pending: readonly string[];
}

/** All that one drawing of the ring shows. */
export interface RingScene {
  readonly ring: RingView;
  readonly nodes: readonly SceneNode[];
  /** The node whose arcs stand out; the others step back. */
  readonly emphasis: string | null;
  /** Token of the vnode that is marked. */
  readonly token: number | null;
  readonly place: ScenePlace | null;
  readonly explain: ExplainReport | null;
  readonly transfers: readonly TransferReport[];
  /** The ring wears its colours only while it is live. */
  readonly live: boolean;
}

/** Up to so many nodes each have their chip inside the ring; beyond, only those that take part in something. */
const chipsMax = 8;

/** Nodes shown as chips inside the ring, in a stable order. */
export function chipNodes(scene: RingScene): readonly string[] {
  const known = scene.nodes.map((node) => node.nodeId);
  const inRing = scene.ring.nodes.map((node) => node.nodeId);
  const all = [...new Set([...inRing, ...known])];
  if (all.length <= chipsMax) return all.sort(byName);
  const taking = new Set<string>();
  if (scene.explain !== null) {
    const { coordinator, forwardedBy, replicas, pending, steps } = scene.explain;
    for (const nodeId of [coordinator, ...replicas, ...pending, ...steps.map((step) => step.replica)]) {
      taking.add(nodeId);
    }
    if (forwardedBy !== null) taking.add(forwardedBy);
  } else if (scene.place !== null) {
    for (const nodeId of [...scene.place.replicas, ...scene.place.pending]) taking.add(nodeId);
  } else {
    for (const transfer of scene.transfers) taking.add(transfer.nodeId);
    for (const node of scene.nodes) if (node.condition !== 'alive') taking.add(node.nodeId);
    if (scene.emphasis !== null) taking.add(scene.emphasis);
  }
  return [...taking].slice(0, 2 * chipsMax).sort(byName);
}

/** node-2 before node-10. */
export function byName(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
