import type { ActorId } from '../base/ids.ts';
import type { Dot } from './record.ts';

/** A dot as people see it: `actor:counter`. */
export function formatDot(dot: Dot): string {
  return `${dot.actor}:${dot.counter}`;
}

const dotPattern = /^([^:]+):([1-9][0-9]{0,15})$/;

/** The dot that `formatDot` wrote as `text`, or null for any other text. */
export function parseDot(text: string): Dot | null {
  const match = dotPattern.exec(text);
  if (match === null) return null;
  const counter = Number(match[2]);
  return Number.isSafeInteger(counter) ? { actor: match[1] as ActorId, counter } : null;
}

/** Whether both name the same write. */
export function sameDot(a: Dot, b: Dot): boolean {
  return a.counter === b.counter && a.actor === b.actor;
}
