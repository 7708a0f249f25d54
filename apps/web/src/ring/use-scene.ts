'use client';

import type { ExplainReport, RingView } from '@starling/api-types';
import { useMemo } from 'react';
import { useHealthReasons, useLive, useNodes } from '../live/use-live.ts';
import { conditionOf } from '../nodes/condition.ts';
import type { RingScene, SceneNode, ScenePlace } from './ring-scene.ts';
import { useTransfers } from './use-transfers.ts';

/** The ring as the observer knows it; null until it knows one. */
export function useRing(): RingView | null {
  return useLive((view) => view.state?.ring ?? null);
}

/**
 * Every known node with its condition. Figures come every second, conditions seldom: the list keeps its identity until
 * one changes, so that the drawing of thousands of vnodes is not made anew each second.
 */
export function useSceneNodes(): readonly SceneNode[] {
  const nodes = useNodes();
  const reasons = useHealthReasons();
  const said = nodes.map((node) => `${node.nodeId} ${conditionOf(node, reasons)}`).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: `said` is all that the list is made of.
  return useMemo(
    () => nodes.map((node) => ({ nodeId: node.nodeId, condition: conditionOf(node, reasons) })),
    [said],
  );
}

interface SceneParts {
  readonly emphasis?: string | null;
  readonly token?: number | null;
  readonly place?: ScenePlace | null;
  readonly explain?: ExplainReport | null;
}

/** The live ring with what a page adds to it; null until the observer knows a ring. */
export function useScene(parts: SceneParts): RingScene | null {
  const ring = useRing();
  const nodes = useSceneNodes();
  const transfers = useTransfers();
  const live = useLive((view) => view.status.phase === 'live' && view.paused === null);
  if (ring === null) return null;
  return {
    ring,
    nodes,
    emphasis: parts.emphasis ?? null,
    token: parts.token ?? null,
    place: parts.place ?? null,
    explain: parts.explain ?? null,
    transfers,
    live,
  };
}
