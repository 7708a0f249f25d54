'use client';

import { useEffect, useRef } from 'react';
import { useShownTheme } from '../frame/use-preferences.ts';
import { resolveColour } from '../ui/resolve-colour.ts';
import { angleOf } from './geometry.ts';
import { type BandProps, band, edgeOf, opacityOf } from './ring-band.ts';

const topAngle = -Math.PI / 2;

/** The same band for thousands of vnodes: nothing is kept per vnode, so 15 000 cost a few milliseconds per change. */
export function RingBandCanvas(props: BandProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useShownTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes what the colours resolve to.
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const draw = () => drawBand(element, props);
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    draw();
    return () => observer.disconnect();
  }, [props, theme]);
  return (
    <div aria-hidden="true" className="absolute inset-0">
      <canvas ref={canvas} className="size-full" />
    </div>
  );
}

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

function drawArcs(
  context: CanvasRenderingContext2D,
  { arcs, conditions, emphasis, colour }: BandProps,
): void {
  const colours = new Map<string, string>();
  const resolved = (css: string) => {
    const known = colours.get(css) ?? resolveColour(css);
    colours.set(css, known);
    return known;
  };
  for (const { vnode, startAngle, endAngle } of arcs) {
    const condition = conditions.get(vnode.nodeId);
    context.globalAlpha = opacityOf(condition, emphasis, vnode.nodeId);
    ringSegment(context, resolved(colour(vnode.nodeId)), startAngle, endAngle, band.inner, band.outer);
    const edge = edgeOf(condition);
    if (edge === null) continue;
    context.globalAlpha = 1;
    ringSegment(context, resolved(edge), startAngle, endAngle, band.outer + 1.5, band.outer + 4);
  }
  context.globalAlpha = 1;
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
  for (const vnode of ring.vnodes) {
    if (!vnode.pending) continue;
    const angle = topAngle + angleOf(vnode.token + 0.5, ring.buckets);
    context.beginPath();
    context.lineWidth = 1.5;
    context.strokeStyle = resolveColour(colour(vnode.nodeId));
    context.moveTo(Math.cos(angle) * band.pendingInner, Math.sin(angle) * band.pendingInner);
    context.lineTo(Math.cos(angle) * band.pendingOuter, Math.sin(angle) * band.pendingOuter);
    context.stroke();
  }
}
