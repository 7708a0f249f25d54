'use client';

import { useCallback } from 'react';
import { useLiveParts } from '../live/live-provider.tsx';
import { useNodes } from '../live/use-live.ts';
import { cn } from '../ui/cn.ts';

/** The colour of each node, everywhere the same: `var(--node-3)`. */
export function useNodeColour(): (nodeId: string) => string {
  const { store } = useLiveParts();
  // A node that is new gets its colour with the report that tells of it.
  useNodes();
  return useCallback((nodeId) => `var(--node-${store.palette.slotOf(nodeId)})`, [store]);
}

/** A node's colour and id. */
export function NodeName(props: { readonly nodeId: string; readonly className?: string }) {
  const colour = useNodeColour();
  return (
    <span
      className={cn(
        'inline-flex min-w-0 items-center gap-1.5 align-middle font-mono text-12',
        props.className,
      )}
    >
      <span
        aria-hidden="true"
        className="h-3 w-1 shrink-0 rounded-full"
        style={{ background: colour(props.nodeId) }}
      />
      <span className="truncate">{props.nodeId}</span>
    </span>
  );
}
