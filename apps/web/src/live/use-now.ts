'use client';

import { useSyncExternalStore } from 'react';
import { useLive } from './use-live.ts';

/** One clock for all that shows ages, so that a hundred of them cost one render. */
class Ticker {
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setInterval> | null = null;
  private time: number | null = null;
  private readonly everyMs: number;

  constructor(everyMs: number) {
    this.everyMs = everyMs;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    this.timer ??= setInterval(() => this.tick(), this.everyMs);
    if (this.time === null || Date.now() - this.time >= this.everyMs) this.tick();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0 || this.timer === null) return;
      clearInterval(this.timer);
      this.timer = null;
    };
  };

  readonly read = (): number | null => this.time;

  private tick(): void {
    this.time = Date.now();
    for (const listener of this.listeners) listener();
  }
}

const tickers = { second: new Ticker(1000), half: new Ticker(500) } as const;

const beforeHydration = () => null;

/** This browser's clock, as of the last tick; null until the page is alive, because servers have other clocks. */
export function useNow(every: keyof typeof tickers = 'second'): number | null {
  return useSyncExternalStore(tickers[every].subscribe, tickers[every].read, beforeHydration);
}

/** The observer's clock as well as this tab knows it, standing still while paused; ages of what it says are counted from here. */
export function useObserverNow(): number | null {
  const now = useNow();
  const offset = useLive((view) => view.clockOffsetMs);
  const pausedAt = useLive((view) => view.paused?.since ?? null);
  const moment = pausedAt ?? now;
  return moment === null ? null : moment + offset;
}
