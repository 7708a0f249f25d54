'use client';

import { CircleCheck, CircleHelp, CircleX, TriangleAlert } from 'lucide-react';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { useLiveParts } from '../live/live-provider.tsx';
import { useLive } from '../live/use-live.ts';
import { cn } from '../ui/cn.ts';
import { healthFingerprint, healthSummary, type Tone } from './health.ts';

export const toneIcon = { ok: CircleCheck, warn: TriangleAlert, bad: CircleX, muted: CircleHelp } as const;
export const toneText: Readonly<Record<Tone, string>> = {
  ok: 'text-ok',
  warn: 'text-warn',
  bad: 'text-bad',
  muted: 'text-muted',
};

/** One line on every page: is it well, and the gravest reason why not. It leads to all reasons. */
export function HealthLine() {
  const view = useLive((whole) => whole);
  const summary = healthSummary(view);
  const Icon = toneIcon[summary.tone];
  return (
    <Link
      href="/overview#health"
      className="flex h-8 min-w-0 items-center gap-2 rounded-md px-2 text-13 hover:bg-sunken"
      data-testid="health-line"
    >
      <Icon aria-hidden="true" className={cn('size-4 shrink-0', toneText[summary.tone])} />
      <span className="font-medium">{summary.word}</span>
      <span className="hidden truncate text-muted md:inline">{summary.sentence}</span>
    </Link>
  );
}

/** Tells a screen reader of a change in health, once per change. */
export function HealthAnnouncer() {
  const { store } = useLiveParts();
  const fingerprint = useLive((view) => (view.state === null ? '' : healthFingerprint(view.state.health)));
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (fingerprint === '') return;
    const { word, sentence } = healthSummary(store.view());
    setSaid(`${word}: ${sentence}`);
  }, [fingerprint, store]);
  return (
    <p className="sr-only" role="status" aria-live="polite">
      {said}
    </p>
  );
}
