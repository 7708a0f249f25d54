'use client';

import { type ReactNode, useMemo } from 'react';
import { IrisGradient } from '../frame/iris-gradient.tsx';
import type { Condition } from '../nodes/condition.ts';
import { useNodeColour } from '../nodes/node-name.tsx';
import { cn } from '../ui/cn.ts';
import { type Arc, angleOf, aroundCentre, ownedArcs, type Point, pointAt } from './geometry.ts';
import { band, svgMarksMax } from './ring-band.ts';
import { RingBandCanvas } from './ring-band-canvas.tsx';
import { RingBandSvg } from './ring-band-svg.tsx';
import { RingChips } from './ring-chips.tsx';
import { RingLinks } from './ring-links.tsx';
import { chipNodes, type RingScene } from './ring-scene.ts';

interface RingFigureProps {
  readonly scene: RingScene;
  /** What stands in the middle. */
  readonly centre?: ReactNode;
  /** Lies over the band: what takes pointer and keys. */
  readonly overlay?: ReactNode;
  /** A small drawing leaves out what would not be legible. */
  readonly compact?: boolean;
  readonly className?: string;
}

/**
 * The ring: vnodes as arcs, nodes as chips inside, a key as a pin outside, and lines for what goes from one node to
 * another. It is a picture; everything it shows stands in tables beside it too.
 */
export function RingFigure({ scene, centre, overlay, compact = false, className }: RingFigureProps) {
  const colour = useNodeColour();
  const arcs = useMemo(() => ownedArcs(scene.ring), [scene.ring]);
  const conditions = useMemo(
    () => new Map<string, Condition>(scene.nodes.map((node) => [node.nodeId, node.condition])),
    [scene.nodes],
  );
  const chips = chipNodes(scene);
  const places = new Map<string, Point>();
  aroundCentre(chips.length, compact ? band.chipsCompact : band.chips).forEach((point, at) => {
    places.set(chips[at] ?? '', point);
  });
  const bandProps = { ring: scene.ring, arcs, conditions, emphasis: scene.emphasis, colour };
  const many = scene.ring.vnodes.length > svgMarksMax;
  return (
    <div className={cn('@container relative aspect-square select-none', className)}>
      {many ? <RingBandCanvas {...bandProps} /> : null}
      <svg
        viewBox="-250 -250 500 500"
        aria-hidden="true"
        className="absolute inset-0 size-full overflow-visible"
      >
        <Iris live={scene.live} />
        {many ? null : <RingBandSvg {...bandProps} />}
        <Marks scene={scene} arcs={arcs} />
        <RingLinks scene={scene} places={places} colour={colour} />
      </svg>
      {overlay}
      {centre === undefined ? null : (
        <div className="pointer-events-none absolute inset-[34%] hidden place-content-center text-center @md:grid">
          {/* Lines may cross the middle; the words stay readable. */}
          <div className="rounded-lg bg-surface/85 px-2 py-1">{centre}</div>
        </div>
      )}
      <RingChips scene={scene} places={places} conditions={conditions} compact={compact} />
    </div>
  );
}

/** The hairline around the ring: teal to violet while it is live, grey while it is not. */
function Iris({ live }: { readonly live: boolean }) {
  return (
    <>
      <defs>
        <IrisGradient id="ring-iris" />
      </defs>
      <circle
        r={band.iris}
        fill="none"
        strokeWidth="1.5"
        stroke={live ? 'url(#ring-iris)' : 'var(--line-strong)'}
      />
    </>
  );
}

/** The marked vnode and the pin of a key. */
function Marks({ scene, arcs }: { readonly scene: RingScene; readonly arcs: readonly Arc[] }) {
  const { ring, token, place } = scene;
  const marked = token === null ? undefined : arcs.find((arc) => arc.vnode.token === token);
  return (
    <g>
      {marked === undefined ? null : <MarkedArc arc={marked} />}
      {place === null ? null : <Pin angle={angleOf(place.bucket + 0.5, ring.buckets)} />}
    </g>
  );
}

function MarkedArc({ arc }: { readonly arc: Arc }) {
  const middle = (arc.startAngle + arc.endAngle) / 2;
  const from = pointAt(middle, band.inner - 12);
  const to = pointAt(middle, band.inner - 2);
  return (
    <g stroke="var(--text)" strokeLinecap="round">
      <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} strokeWidth="2.5" />
    </g>
  );
}

function Pin({ angle }: { readonly angle: number }) {
  const head = pointAt(angle, band.iris + 9);
  const foot = pointAt(angle, band.inner - 6);
  return (
    <g>
      <line x1={head.x} y1={head.y} x2={foot.x} y2={foot.y} stroke="var(--background)" strokeWidth="5" />
      <line x1={head.x} y1={head.y} x2={foot.x} y2={foot.y} stroke="var(--text)" strokeWidth="2" />
      <circle cx={head.x} cy={head.y} r="5" fill="var(--text)" stroke="var(--background)" strokeWidth="1.5" />
    </g>
  );
}
