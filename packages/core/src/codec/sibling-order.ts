import type { Sibling } from '../causality/record.ts';

/** Canonical order: descending HLC, then actor, then counter. Negative when `a` comes first; 0 only for one dot. */
export function compareSiblings(a: Sibling, b: Sibling): number {
  if (a.hlc !== b.hlc) return b.hlc - a.hlc;
  if (a.dot.actor !== b.dot.actor) return a.dot.actor < b.dot.actor ? 1 : -1;
  return b.dot.counter - a.dot.counter;
}
