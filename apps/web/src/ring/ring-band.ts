import type { RingView } from '@starling/api-types';
import type { Condition } from '../nodes/condition.ts';
import type { Arc } from './geometry.ts';

/** Radii of the drawing, in units of a 500 by 500 box around the centre; shared by both ways to draw it. */
export const band = {
  inner: 194,
  outer: 220,
  /** Radians between neighbouring arcs. */
  gap: 0.0022,
  iris: 229,
  pendingInner: 233,
  pendingOuter: 244,
  slide: 18,
  chips: 124,
  /** Chips of a small drawing are as large as those of a large one, and need to stand further in. */
  chipsCompact: 108,
  half: 250,
} as const;

/** Above so many vnodes the band is drawn on a canvas: as many SVG elements would cost more than a frame. */
export const svgMarksMax = 3000;

export interface BandProps {
  readonly ring: RingView;
  readonly arcs: readonly Arc[];
  readonly conditions: ReadonlyMap<string, Condition>;
  readonly emphasis: string | null;
  /** A CSS colour for a node. */
  readonly colour: (nodeId: string) => string;
}

/** How strongly a node's arcs are drawn: those of the dead fade, and all fade beside one that stands out. */
export function opacityOf(condition: Condition | undefined, emphasis: string | null, nodeId: string): number {
  if (emphasis !== null) return emphasis === nodeId ? 1 : 0.12;
  return condition === 'dead' || condition === 'left' || condition === 'unheard' ? 0.3 : 1;
}

/** The colour of the outer edge that marks arcs whose node is not well; null for none. */
export function edgeOf(condition: Condition | undefined): string | null {
  if (condition === 'dead') return 'var(--bad)';
  if (condition === 'suspect' || condition === 'recovering') return 'var(--warn)';
  return null;
}
