'use client';

import { arc as arcShape } from 'd3';
import { memo, useEffect, useRef, useState } from 'react';
import { type Arc, angleOf } from './geometry.ts';
import { type BandProps, band, edgeOf, opacityOf } from './ring-band.ts';

const shape = arcShape<Arc>()
  .innerRadius(band.inner)
  .outerRadius(band.outer)
  .startAngle((arc) => arc.startAngle)
  // A hairline between neighbours, where there is room for one.
  .endAngle((arc) => Math.max(arc.startAngle + 0.0005, arc.endAngle - band.gap));

const edge = arcShape<Arc>()
  .innerRadius(band.outer + 1.5)
  .outerRadius(band.outer + 4)
  .startAngle((arc) => arc.startAngle)
  .endAngle((arc) => arc.endAngle);

/** The vnodes as one path each, so that a token can slide to its place. For a few thousand at most. */
export const RingBandSvg = memo(function RingBandSvg(props: BandProps) {
  const { arcs, ring, conditions, emphasis, colour } = props;
  // Only what comes later slides in; a ring that is opened stands at once.
  const opened = useRef(false);
  useEffect(() => {
    opened.current = true;
  }, []);
  const owners = [...new Set(ring.vnodes.map((vnode) => vnode.nodeId))];
  return (
    <g>
      {owners.map((nodeId) => (
        <g
          key={nodeId}
          fill={colour(nodeId)}
          opacity={opacityOf(conditions.get(nodeId), emphasis, nodeId)}
          className="transition-opacity duration-150"
        >
          {arcs.map((arc) =>
            arc.vnode.nodeId === nodeId ? (
              <VnodePath key={arc.vnode.token} arc={arc} slides={() => opened.current} />
            ) : null,
          )}
        </g>
      ))}
      {ring.vnodes.map((vnode) =>
        vnode.pending ? (
          <g
            key={vnode.token}
            transform={`rotate(${(angleOf(vnode.token + 0.5, ring.buckets) * 180) / Math.PI})`}
          >
            <rect
              x={-1}
              y={-band.pendingOuter}
              width={2}
              height={band.pendingOuter - band.pendingInner}
              rx={1}
              fill={colour(vnode.nodeId)}
              className="ring-token-pending"
            />
          </g>
        ) : null,
      )}
      {arcs.map((arc) => {
        const stroke = edgeOf(conditions.get(arc.vnode.nodeId));
        return stroke === null ? null : <path key={arc.vnode.token} d={edge(arc) ?? ''} fill={stroke} />;
      })}
    </g>
  );
});

/** A vnode that comes to an open ring slides in from where its pending token stood. */
function VnodePath({ arc, slides }: { readonly arc: Arc; readonly slides: () => boolean }) {
  const [sliding] = useState(slides);
  const middle = (arc.startAngle + arc.endAngle) / 2;
  const from: Record<string, string> = {
    '--slide-x': `${Math.sin(middle) * band.slide}px`,
    '--slide-y': `${-Math.cos(middle) * band.slide}px`,
  };
  return (
    <path
      d={shape(arc) ?? ''}
      className={sliding ? 'ring-token-owned' : undefined}
      style={sliding ? from : undefined}
    />
  );
}
