import type { RingView, Vnode } from '@starling/api-types';

/** Where things are on a drawn ring: bucket 0 at the top, buckets clockwise, angles in radians from the top. */
export const turn = 2 * Math.PI;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export function angleOf(bucket: number, buckets: number): number {
  return (bucket / buckets) * turn;
}

/** The point at `radius` from the centre in the direction of `angle`. */
export function pointAt(angle: number, radius: number): Point {
  return { x: Math.sin(angle) * radius, y: -Math.cos(angle) * radius };
}

/** The bucket in whose direction a point lies. */
export function bucketAt(point: Point, buckets: number): number {
  const angle = (Math.atan2(point.x, -point.y) + turn) % turn;
  return Math.min(buckets - 1, Math.floor((angle / turn) * buckets));
}

/** One vnode with the buckets it owns, `first` to `token`, which may pass the top. */
export interface Arc {
  readonly vnode: Vnode;
  readonly first: number;
  readonly startAngle: number;
  readonly endAngle: number;
}

/** The arcs that own data, ascending by token. Together they cover the ring once. */
export function ownedArcs(ring: RingView): readonly Arc[] {
  return ring.vnodes
    .filter((vnode) => !vnode.pending && vnode.buckets > 0)
    .map((vnode) => {
      const start = vnode.token + 1 - vnode.buckets;
      return {
        vnode,
        first: (start + ring.buckets) % ring.buckets,
        startAngle: angleOf(start, ring.buckets),
        endAngle: angleOf(vnode.token + 1, ring.buckets),
      };
    });
}

/** Index in `arcs` of the arc that owns `bucket`; -1 only where there are none. */
export function arcIndexOf(arcs: readonly Arc[], bucket: number): number {
  if (arcs.length === 0) return -1;
  let low = 0;
  let high = arcs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((arcs[middle]?.vnode.token ?? 0) < bucket) low = middle + 1;
    else high = middle;
  }
  // Past the last token the ring closes: the first arc owns the rest.
  return low === arcs.length ? 0 : low;
}

/** For each node of a preference list, the first of its arcs met clockwise from `bucket`. */
export function firstArcs(
  arcs: readonly Arc[],
  bucket: number,
  nodeIds: readonly string[],
): ReadonlyMap<string, Arc> {
  const found = new Map<string, Arc>();
  const from = arcIndexOf(arcs, bucket);
  for (let step = 0; step < arcs.length && found.size < nodeIds.length; step++) {
    const arc = arcs[(from + step) % arcs.length];
    if (arc === undefined || found.has(arc.vnode.nodeId) || !nodeIds.includes(arc.vnode.nodeId)) continue;
    found.set(arc.vnode.nodeId, arc);
  }
  return found;
}

/** How even ownership is: the largest share over the mean share; 1 is perfectly even, null without owners. */
export function ownershipSkew(ring: RingView): number | null {
  const shares = ring.nodes.map((node) => node.ownership).filter((share) => share > 0);
  if (shares.length === 0) return null;
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return Math.max(...shares) / mean;
}

/** Points for `count` things evenly around the centre, the first at the top. */
export function aroundCentre(count: number, radius: number): readonly Point[] {
  if (count === 1) return [{ x: 0, y: -radius }];
  return Array.from({ length: count }, (_, at) => pointAt((at / count) * turn, radius));
}
