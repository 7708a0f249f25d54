import { significant } from './quantity.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A span as people say it: `340 ms`, `4.2 s`, `3 min`, `2 h 5 min`, `4 d`. */
export function formatSpan(ms: number): string {
  const span = Math.max(0, ms);
  if (span < secondMs) return `${Math.round(span)}\u202fms`;
  if (span < 10 * secondMs) return `${significant(span / secondMs, 2)}\u202fs`;
  if (span < 2 * minuteMs) return `${Math.round(span / secondMs)}\u202fs`;
  if (span < hourMs) return `${Math.floor(span / minuteMs)}\u202fmin`;
  if (span < dayMs) return hoursAndMinutes(span);
  return `${Math.floor(span / dayMs)}\u202fd`;
}

function hoursAndMinutes(span: number): string {
  const hours = Math.floor(span / hourMs);
  const minutes = Math.floor((span % hourMs) / minuteMs);
  return minutes === 0 ? `${hours}\u202fh` : `${hours}\u202fh ${minutes}\u202fmin`;
}

/** How long ago, in whole seconds at the least; what is younger than two seconds is `now`. */
export function formatAge(ms: number): string {
  if (ms < 2 * secondMs) return 'now';
  if (ms < 2 * minuteMs) return `${Math.floor(ms / secondMs)}\u202fs ago`;
  return `${formatSpan(ms)} ago`;
}

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', hourCycle: 'h23' });

/** Local wall-clock time to the second: `14:03:27`. */
export function formatClock(at: number): string {
  return clock.format(at);
}

/** The absolute moment, for tooltips: `2026-11-22 14:03:27.120 +01:00`. */
export function formatMoment(at: number): string {
  const date = new Date(at);
  const local = new Date(at - date.getTimezoneOffset() * minuteMs).toISOString();
  return `${local.slice(0, 10)} ${local.slice(11, 23)} ${zoneOf(-date.getTimezoneOffset())}`;
}

function zoneOf(offsetMinutes: number): string {
  const sign = offsetMinutes < 0 ? '-' : '+';
  const size = Math.abs(offsetMinutes);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${sign}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
