'use client';

import { memo, useEffect, useRef } from 'react';
import { useShownTheme } from '../frame/use-preferences.ts';
import { resolveColour } from '../ui/resolve-colour.ts';
import { angleOf } from './geometry.ts';
import { type BandProps, band, edgeOf, opacityOf } from './ring-band.ts';

const topAngle = -Math.PI / 2;

/** The same band for thousands of vnodes: nothing is kept per vnode, so 15 000 cost a few milliseconds per change. */
export const RingBandCanvas = memo(function RingBandCanvas(props: BandProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useShownTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes what the colours resolve to.
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const draw = () => drawBand(element, props);
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    return () => observer.disconnect();
  }, [props, theme]);
  return (
    <div aria-hidden="true" className="absolute inset-0">
      <canvas ref={canvas} className="size-full" />
    </div>
  );
});

function drawBand(element: HTMLCanvasElement, props: BandProps): void {
  const size = Math.round(element.clientWidth * window.devicePixelRatio);
  const context = element.getContext('2d');
  if (context === null || size === 0) return;
  element.width = size;
  element.height = size;
  const scale = size / (2 * band.half);
  context.setTransform(scale, 0, 0, scale, size / 2, size / 2);
  drawArcs(context, props);
  drawPending(context, props);
}

/** What stands out must be seen: an arc of a marked node is drawn at least so wide, in units of the drawing. */
const leastWidth = 1.6;

function drawArcs(context: CanvasRenderingContext2D, props: BandProps): void {
  const { arcs, conditions, emphasis, colour } = props;
  const resolved = resolver();
  const least = leastWidth / band.outer;
  for (const { vnode, startAngle, endAngle } of arcs) {
    if (vnode.nodeId === emphasis) continue;
    context.globalAlpha = opacityOf(conditions.get(vnode.nodeId), emphasis, vnode.nodeId);
    ringSegment(context, resolved(colour(vnode.nodeId)), startAngle, endAngle, band.inner, band.outer);
  }
  context.globalAlpha = 1;
  for (const { vnode, startAngle, endAngle } of arcs) {
    const end = Math.max(endAngle, startAngle + least);
    if (vnode.nodeId === emphasis) {
      ringSegment(context, resolved(colour(vnode.nodeId)), startAngle, end, band.inner - 4, band.outer + 4);
    }
    const edge = edgeOf(conditions.get(vnode.nodeId));
    if (edge !== null)
      ringSegment(context, resolved(edge), startAngle, end, band.outer + 1.5, band.outer + 4);
  }
}

/** Asks the page for each colour once per drawing. */
function resolver(): (css: string) => string {
  const known = new Map<string, string>();
  return (css) => {
    const colour = known.get(css) ?? resolveColour(css);
    known.set(css, colour);
    return colour;
  };
}

function ringSegment(
  context: CanvasRenderingContext2D,
  colour: string,
  start: number,
  end: number,
  inner: number,
  outer: number,
): void {
  context.beginPath();
  context.lineWidth = outer - inner;
  context.strokeStyle = colour;
  context.arc(0, 0, (inner + outer) / 2, topAngle + start, topAngle + end);
  context.stroke();
}

function drawPending(context: CanvasRenderingContext2D, { ring, colour }: BandProps): void {
  const resolved = resolver();
  for (const vnode of ring.vnodes) {
    if (!vnode.pending) continue;
    const angle = topAngle + angleOf(vnode.token + 0.5, ring.buckets);
    context.beginPath();
    context.lineWidth = 1.5;
    context.strokeStyle = resolved(colour(vnode.nodeId));
    context.moveTo(Math.cos(angle) * band.pendingInner, Math.sin(angle) * band.pendingInner);
    context.lineTo(Math.cos(angle) * band.pendingOuter, Math.sin(angle) * band.pendingOuter);
    context.stroke();
  }
}
