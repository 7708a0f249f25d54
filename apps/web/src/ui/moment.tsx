'use client';

import { formatAge, formatClock, formatMoment } from '../format/time.ts';
import { useLive } from '../live/use-live.ts';
import { useObserverNow } from '../live/use-now.ts';

interface MomentProps {
  /** By the observer's clock, ms since 1970. */
  readonly at: number;
  /** `age`: how long ago; `clock`: the time of day here. */
  readonly as?: 'age' | 'clock';
}

/** A moment of the observer's clock: relative, with the absolute one as a hint. */
export function Moment({ at, as = 'age' }: MomentProps) {
  const now = useObserverNow();
  const offset = useLive((view) => view.clockOffsetMs);
  if (now === null) return null;
  const here = at - offset;
  return (
    <time dateTime={new Date(here).toISOString()} title={formatMoment(here)} className="num">
      {as === 'age' ? formatAge(now - at) : formatClock(here)}
    </time>
  );
}
