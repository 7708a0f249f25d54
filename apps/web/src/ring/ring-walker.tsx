'use client';

import type { RingView } from '@starling/api-types';
import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { formatShare, textOf } from '../format/quantity.ts';
import { type Arc, arcIndexOf, bucketAt } from './geometry.ts';
import { band } from './ring-band.ts';

interface RingWalkerProps {
  readonly ring: RingView;
  readonly arcs: readonly Arc[];
  /** Token of the marked vnode. */
  readonly token: number | null;
  readonly onHover: (bucket: number | null) => void;
  readonly onMark: (token: number) => void;
}

const steps: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowDown: 1,
  ArrowLeft: -1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
};

/** Takes pointer and keys over the band: the pointer finds a bucket, the arrow keys walk from vnode to vnode. */
export function RingWalker({ ring, arcs, token, onHover, onMark }: RingWalkerProps) {
  const area = useRef<HTMLDivElement>(null);
  const at = token === null ? -1 : arcs.findIndex((arc) => arc.vnode.token === token);
  const marked = arcs[at];
  const bucketUnder = (event: PointerEvent) => {
    const box = area.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return null;
    const scale = (2 * band.half) / box.width;
    const x = (event.clientX - box.left) * scale - band.half;
    const y = (event.clientY - box.top) * scale - band.half;
    const radius = Math.hypot(x, y);
    return radius < band.inner - 20 || radius > band.half ? null : bucketAt({ x, y }, ring.buckets);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = arcs.length - 1;
    const step = steps[event.key];
    const next =
      event.key === 'Home' ? 0 : event.key === 'End' ? last : step === undefined ? null : at + step;
    if (next === null || arcs.length === 0) return;
    event.preventDefault();
    const arc = arcs[(next + arcs.length) % arcs.length];
    if (arc !== undefined) onMark(arc.vnode.token);
  };
  const mark = (event: PointerEvent) => {
    const bucket = bucketUnder(event);
    const arc = bucket === null ? undefined : arcs[arcIndexOf(arcs, bucket)];
    if (arc !== undefined) onMark(arc.vnode.token);
  };
  return (
    <div
      ref={area}
      role="slider"
      tabIndex={0}
      aria-label="Walk the vnodes of the ring"
      aria-valuemin={0}
      aria-valuemax={ring.buckets - 1}
      aria-valuenow={token ?? 0}
      aria-valuetext={marked === undefined ? 'no vnode marked' : vnodeSentence(marked, ring)}
      className="absolute inset-0 rounded-full"
      onKeyDown={onKeyDown}
      onPointerMove={(event) => onHover(bucketUnder(event))}
      onPointerLeave={() => onHover(null)}
      onPointerDown={mark}
    />
  );
}

/** A vnode in one line. */
export function vnodeSentence(arc: Arc, ring: RingView): string {
  const { nodeId, token, buckets } = arc.vnode;
  return `vnode of ${nodeId}, token ${token}, ${buckets} buckets, ${textOf(formatShare(buckets / ring.buckets))} of the ring`;
}
