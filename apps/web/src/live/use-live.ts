'use client';

import type { HealthReason, LiveEvent, NodeReport } from '@starling/api-types';
import { useSyncExternalStore } from 'react';
import { useLiveParts } from './live-provider.tsx';
import type { LiveView } from './store.ts';

/**
 * A part of the live view. The part must keep its identity while it does not change, which holds for every field of
 * the view and its state: they are replaced as wholes.
 */
export function useLive<Part>(select: (view: LiveView) => Part): Part {
  const { store } = useLiveParts();
  return useSyncExternalStore(
    store.subscribe,
    () => select(store.view()),
    () => select(store.firstView()),
  );
}

const noNodes: readonly NodeReport[] = [];
const noEvents: readonly LiveEvent[] = [];
const noReasons: readonly HealthReason[] = [];

/** Every node the observer knows of; empty before the first snapshot. */
export function useNodes(): readonly NodeReport[] {
  return useLive((view) => view.state?.nodes ?? noNodes);
}

/** The tail of the observer's event log, oldest first. */
export function useEvents(): readonly LiveEvent[] {
  return useLive((view) => view.state?.events ?? noEvents);
}

/** Why the health is what it is, gravest first. */
export function useHealthReasons(): readonly HealthReason[] {
  return useLive((view) => view.state?.health.reasons ?? noReasons);
}
