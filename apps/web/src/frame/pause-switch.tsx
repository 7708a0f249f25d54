'use client';

import { Pause, Play } from 'lucide-react';
import { formatClock } from '../format/time.ts';
import { useLiveParts } from '../live/live-provider.tsx';
import { useLive } from '../live/use-live.ts';
import { Button } from '../ui/button.tsx';
import { Tooltip } from '../ui/tooltip.tsx';

/** Live, or standing still at a moment while the stream goes on behind. */
export function PauseSwitch() {
  const { store } = useLiveParts();
  const paused = useLive((view) => view.paused);
  const connected = useLive((view) => view.status.phase === 'live');
  if (paused === null) {
    return (
      <Tooltip content="Let the view stand still">
        <Button variant="ghost" size="sm" onClick={() => store.pause()} className="text-text">
          <span
            aria-hidden="true"
            className={connected ? 'size-2 rounded-full bg-ok' : 'size-2 rounded-full bg-line-strong'}
          />
          <span className="hidden md:inline">{connected ? 'Live' : 'Offline'}</span>
          <Pause aria-hidden="true" />
          <span className="sr-only">Pause</span>
        </Button>
      </Tooltip>
    );
  }
  return (
    <Tooltip content={`Standing still; ${paused.missed} messages have come since`}>
      <Button size="sm" onClick={() => store.resume()} className="border-warn/60 text-warn">
        <Play aria-hidden="true" />
        <span className="num hidden md:inline">Paused at {formatClock(paused.since)}</span>
        <span className="sr-only">Resume</span>
      </Button>
    </Tooltip>
  );
}
