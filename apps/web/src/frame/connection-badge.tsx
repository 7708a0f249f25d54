'use client';

import { RotateCw, Unplug } from 'lucide-react';
import { formatSpan } from '../format/time.ts';
import { useSelection } from '../inspector/selection.ts';
import { hostOf } from '../live/addresses.ts';
import type { LinkStatus } from '../live/link.ts';
import { useLiveParts } from '../live/live-provider.tsx';
import { useLive } from '../live/use-live.ts';
import { useNow } from '../live/use-now.ts';
import { NodeName } from '../nodes/node-name.tsx';
import { Button } from '../ui/button.tsx';
import { Tooltip } from '../ui/tooltip.tsx';

/** Which node this tab listens to, or what it does to find one. */
export function ConnectionBadge() {
  const status = useLive((view) => view.status);
  const observer = useLive((view) => view.observer);
  const [, inspect] = useSelection();
  if (status.phase === 'live' && observer !== null) {
    return (
      <Tooltip content={`Everything here is as ${observer} (${hostOf(status.address)}) sees it`}>
        <Button
          variant="ghost"
          size="sm"
          className="hidden font-normal sm:inline-flex"
          onClick={() => inspect({ kind: 'node', nodeId: observer })}
        >
          seen by <NodeName nodeId={observer} className="text-text" />
        </Button>
      </Tooltip>
    );
  }
  return <Searching status={status} />;
}

function Searching({ status }: { readonly status: LinkStatus }) {
  const { retryNow } = useLiveParts();
  const now = useNow();
  const since = now === null ? '' : ` for ${formatSpan(now - status.since)}`;
  return (
    <span className="inline-flex items-center gap-1.5 text-12 text-warn">
      <Unplug aria-hidden="true" className="size-4 shrink-0" />
      <span className="hidden sm:inline">looking for a node{since}</span>
      {status.phase === 'waiting' ? (
        <Button size="sm" variant="ghost" onClick={retryNow}>
          <RotateCw aria-hidden="true" />
          <span className="sr-only sm:not-sr-only">Try now</span>
        </Button>
      ) : null}
    </span>
  );
}
