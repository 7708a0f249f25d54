'use client';

import { formatClock, formatSpan } from '../format/time.ts';
import { hostOf } from '../live/addresses.ts';
import { useLive } from '../live/use-live.ts';
import { useNow } from '../live/use-now.ts';
import { Command, Notice } from '../ui/notice.tsx';

/** Said across every page while what it shows may be out of date, with the reason and what to do. */
export function StreamNotice() {
  const status = useLive((view) => view.status);
  const heardAt = useLive((view) => view.heardAt);
  const unreadable = useLive((view) => view.unreadable);
  const now = useNow();
  if (unreadable !== null) {
    return (
      <Notice
        tone="bad"
        title="The node speaks another version of the contract"
        className="m-3 mb-0 sm:m-4 sm:mb-0"
      >
        {unreadable}. Build the console and the nodes from the same sources.
      </Notice>
    );
  }
  if (status.phase !== 'waiting' || now === null) return null;
  const heard =
    heardAt === 0
      ? 'No node has answered since this page was opened'
      : `Nothing heard since ${formatClock(heardAt)}`;
  return (
    <Notice
      tone="warn"
      title={`No node can be reached, for ${formatSpan(now - status.since)}`}
      className="m-3 mb-0 sm:m-4 sm:mb-0"
      data-testid="stream-notice"
    >
      <p>
        {heard}. The console tries again by itself:{' '}
        {status.failures.map((failure) => `${hostOf(failure.address)} (${failure.reason})`).join(', ')}.
      </p>
      <p className="mt-2 mb-1">To start three nodes and this console on this machine:</p>
      <Command>pnpm dev</Command>
    </Notice>
  );
}
