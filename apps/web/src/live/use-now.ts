'use client';

import { useEffect, useState } from 'react';
import { useLive } from './use-live.ts';

/** This browser's clock, looked at every `everyMs`; null until the page is alive, because servers have other clocks. */
export function useNow(everyMs = 1000): number | null {
  const [now, setNow] = useState<number | null>(null);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** The observer's clock as well as this tab knows it, standing still while paused; ages of what it says are counted from here. */
export function useObserverNow(everyMs = 1000): number | null {
  const now = useNow(everyMs);
  const offset = useLive((view) => view.clockOffsetMs);
  const pausedAt = useLive((view) => view.paused?.since ?? null);
  const moment = pausedAt ?? now;
  return moment === null ? null : moment + offset;
}
