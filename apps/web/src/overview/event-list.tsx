'use client';

import type { LiveEvent } from '@starling/api-types';
import { CircleX, Info, TriangleAlert } from 'lucide-react';
import { timesOf } from '../live/event-runs.ts';
import { Moment } from '../ui/moment.tsx';

const looks = {
  info: { Icon: Info, colour: 'text-muted' },
  warning: { Icon: TriangleAlert, colour: 'text-warn' },
  critical: { Icon: CircleX, colour: 'text-bad' },
} as const;

/** Events as the observer told them, newest first. */
export function EventList({ events }: { readonly events: readonly LiveEvent[] }) {
  return (
    <ol className="flex flex-col border-line border-t">
      {[...events].reverse().map((event) => {
        const { Icon, colour } = looks[event.severity];
        return (
          <li
            key={event.eventId}
            className="flex min-h-8 items-start gap-2.5 border-line border-b px-3 py-1.5 text-13 last:border-b-0"
          >
            <span className="w-16 shrink-0 text-muted">
              <Moment at={event.at} as="clock" />
            </span>
            <Icon aria-hidden="true" className={`mt-0.5 size-4 shrink-0 ${colour}`} />
            <span className="sr-only">{event.severity}:</span>
            <span className="min-w-0 break-words">
              {event.message}
              {timesOf(event) === 1 ? null : <span className="num text-muted"> ×{timesOf(event)}</span>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
