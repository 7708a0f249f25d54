'use client';

import { useNodeColour } from '../nodes/node-name.tsx';
import { type Arc, arcIndexOf, firstArcs } from './geometry.ts';
import type { RingScene } from './ring-scene.ts';

/** So many vnodes of average length fit into the lens. */
const vnodesShown = 16;

interface LensProps {
  readonly scene: RingScene;
  readonly arcs: readonly Arc[];
  /** The bucket in the middle. */
  readonly centre: number;
  readonly onMark: (token: number) => void;
}

/** A short stretch of the ring drawn straight, where vnodes are wide enough to be named. */
export function Lens({ scene, arcs, centre, onMark }: LensProps) {
  const colour = useNodeColour();
  const { ring, place } = scene;
  const firsts = place === null ? new Map<string, Arc>() : firstArcs(arcs, place.bucket, place.replicas);
  const width = lensWidth(scene, arcs, centre, firsts);
  const start = centre - width / 2;
  const percent = (bucket: number) => ((bucket - start) / width) * 100;
  return (
    <div className="flex flex-col gap-1" aria-hidden="true">
      <div className="relative h-13 overflow-hidden rounded-md bg-sunken">
        {visible(arcs, start, width, ring.buckets).map(({ arc, from }) => (
          <LensArc
            key={`${arc.vnode.token} ${from}`}
            arc={arc}
            left={percent(from)}
            width={(arc.vnode.buckets / width) * 100}
            marked={arc.vnode.token === scene.token}
            replica={[...firsts.values()].indexOf(arc) + 1}
            onMark={onMark}
          />
        ))}
        {pendingIn(scene, start, width).map(({ token, nodeId, from }) => (
          <span
            key={token}
            title={`${nodeId} is to own up to bucket ${token}`}
            className="ring-token-pending absolute top-0 h-4 w-0.5"
            style={{ left: `${percent(from)}%`, background: colour(nodeId) }}
          />
        ))}
        {place === null ? null : (
          <span
            className="absolute inset-y-0 w-0.5 bg-text"
            style={{ left: `${percent(nearest(place.bucket + 0.5, centre, ring.buckets))}%` }}
          />
        )}
      </div>
      <div className="num flex justify-between text-12 text-muted">
        <span>bucket {wrap(Math.ceil(start), ring.buckets)}</span>
        <span>{Math.round(width)} buckets shown</span>
        <span>bucket {wrap(Math.floor(start + width), ring.buckets)}</span>
      </div>
    </div>
  );
}

interface LensArcProps {
  readonly arc: Arc;
  /** Percent of the lens. */
  readonly left: number;
  readonly width: number;
  readonly marked: boolean;
  /** Its place among the replicas of the shown key; 0 for none. */
  readonly replica: number;
  readonly onMark: (token: number) => void;
}

function LensArc({ arc, left, width, marked, replica, onMark }: LensArcProps) {
  const { nodeId, token } = arc.vnode;
  const colour = useNodeColour()(nodeId);
  return (
    <>
      {replica === 0 ? null : (
        <span
          className="num absolute top-0 text-12 leading-4"
          style={{ left: `calc(${Math.max(0, left)}% + 4px)` }}
        >
          {replica}
        </span>
      )}
      <button
        type="button"
        tabIndex={-1}
        title={`${nodeId}, token ${token}`}
        onClick={() => onMark(token)}
        className="absolute top-4 bottom-0 min-w-px overflow-hidden border-surface border-r px-1 text-left"
        style={{
          left: `${left}%`,
          width: `${width}%`,
          background: `color-mix(in oklab, ${colour} ${marked || replica > 0 ? 40 : 22}%, var(--surface))`,
          borderTop: `3px solid ${colour}`,
        }}
      >
        <span className="block truncate font-mono text-12">{nodeId}</span>
      </button>
    </>
  );
}

function wrap(bucket: number, buckets: number): number {
  return ((bucket % buckets) + buckets) % buckets;
}

/** The turn of `bucket` that lies nearest to `centre`, so that a stretch across the top is drawn in one piece. */
function nearest(bucket: number, centre: number, buckets: number): number {
  return bucket + Math.round((centre - bucket) / buckets) * buckets;
}

/** Wide enough for a few vnodes, and for all first arcs of a shown key. */
function lensWidth(
  scene: RingScene,
  arcs: readonly Arc[],
  centre: number,
  firsts: ReadonlyMap<string, Arc>,
): number {
  const { buckets } = scene.ring;
  const usual = (buckets / Math.max(1, arcs.length)) * vnodesShown;
  const reach = [...firsts.values()].map((arc) => wrap(arc.vnode.token - centre, buckets) * 2.2);
  return Math.min(buckets, Math.max(usual, 8, ...reach));
}

function visible(arcs: readonly Arc[], start: number, width: number, buckets: number) {
  const found: { arc: Arc; from: number }[] = [];
  let index = arcIndexOf(arcs, wrap(Math.floor(start), buckets));
  for (let seen = 0; seen < arcs.length; seen++) {
    const arc = arcs[index];
    if (arc === undefined) break;
    const previous = found.at(-1);
    const from: number =
      previous === undefined
        ? nearest(arc.first, start, buckets)
        : previous.from + previous.arc.vnode.buckets;
    if (from > start + width) break;
    found.push({ arc, from });
    index = (index + 1) % arcs.length;
  }
  return found;
}

function pendingIn(scene: RingScene, start: number, width: number) {
  const { buckets, vnodes } = scene.ring;
  return vnodes
    .filter((vnode) => vnode.pending)
    .map((vnode) => ({ ...vnode, from: nearest(vnode.token + 1, start + width / 2, buckets) }))
    .filter(({ from }) => from >= start && from <= start + width);
}
