/**
 * Version vectors: which writes of a key have been seen (Parker et al., "Detection of mutual inconsistency in
 * distributed systems", 1983). They are sorted lists, because they have about as many entries as the key has
 * replicas. Every function returns one of its arguments itself when the result equals it: callers compare by
 * identity to skip work, and the common case allocates nothing.
 */
import type { ActorId } from '../base/ids.ts';
import type { Dot, VersionVector } from './record.ts';

/** The vector of a key of which nothing has been seen. */
export const emptyClock: VersionVector = [];

/** Highest counter of `actor` in `clock`, or 0. */
export function counterOf(clock: VersionVector, actor: ActorId): number {
  for (let i = 0; i < clock.length; i++) {
    const entry = clock[i]!;
    if (entry.actor === actor) return entry.counter;
  }
  return 0;
}

/** Whether `clock` has seen the write `dot`. */
export function covers(clock: VersionVector, dot: Dot): boolean {
  return counterOf(clock, dot.actor) >= dot.counter;
}

/** Whether `a` has seen all that `b` has. */
export function descends(a: VersionVector, b: VersionVector): boolean {
  if (a === b) return true;
  let i = 0;
  for (let j = 0; j < b.length; j++) {
    const seen = b[j]!;
    while (i < a.length && a[i]!.actor < seen.actor) i++;
    const entry = a[i];
    if (entry === undefined || entry.actor !== seen.actor || entry.counter < seen.counter) return false;
  }
  return true;
}

/** Whether both have seen the same writes. */
export function sameClock(a: VersionVector, b: VersionVector): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i]!.counter !== b[i]!.counter || a[i]!.actor !== b[i]!.actor) return false;
  }
  return true;
}

/** All that either has seen: for each actor the higher counter. */
export function joinClocks(a: VersionVector, b: VersionVector): VersionVector {
  if (descends(a, b)) return a;
  if (descends(b, a)) return b;
  const joined: Dot[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const x = a[i]!;
    const y = b[j]!;
    if (x.actor === y.actor) {
      joined.push(x.counter >= y.counter ? x : y);
      i++;
      j++;
    } else if (x.actor < y.actor) {
      joined.push(x);
      i++;
    } else {
      joined.push(y);
      j++;
    }
  }
  while (i < a.length) joined.push(a[i++]!);
  while (j < b.length) joined.push(b[j++]!);
  return joined;
}

/** `clock` once it has also seen `dot` and, with it, every earlier write of its actor. */
export function withDot(clock: VersionVector, dot: Dot): VersionVector {
  let at = 0;
  while (at < clock.length && clock[at]!.actor < dot.actor) at++;
  const known = clock[at]?.actor === dot.actor;
  if (known && clock[at]!.counter >= dot.counter) return clock;
  const raised = clock.slice();
  raised.splice(at, known ? 1 : 0, dot);
  return raised;
}
