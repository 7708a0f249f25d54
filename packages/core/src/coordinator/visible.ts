import type { Hlc, WallMs } from '../base/ids.ts';
import { etagOf } from '../causality/context-token.ts';
import { formatDot, sameDot } from '../causality/dot.ts';
import { recordHlc, visibleSiblings } from '../causality/dvv-set.ts';
import type { Dot, Sibling, StoredRecord } from '../causality/record.ts';
import { covers, emptyClock, withDot } from '../causality/version-vector.ts';
import type { KeyRef } from '../ring/key.ts';
import type { CausalContext, Explain, ReadResult, VisibleSibling } from './request.ts';

/** What a client that reads this record has seen. */
export function contextOf(record: StoredRecord): CausalContext {
  return { clock: record.clock, hlc: recordHlc(record) };
}

/**
 * What a client has seen once its own write `dot` is in `record`: that write and what it had seen `before`. A sibling
 * it was never shown must stay uncovered, or its next write would discard that sibling unread. Where a vector cannot
 * say so, because an older unseen sibling is of the same actor, the client's own write is left out: it then stays beside
 * the next one, which loses nothing.
 */
export function contextAfterWrite(
  before: CausalContext | null,
  record: StoredRecord,
  dot: Dot,
  hlc: Hlc,
): CausalContext {
  const alone = record.siblings.length === 1 && sameDot(record.siblings[0]!.dot, dot);
  if (alone) return contextOf(record);
  const clock = before?.clock ?? emptyClock;
  const hides = (other: Dot) =>
    other.actor === dot.actor && other.counter < dot.counter && !covers(clock, other);
  const sayable = dot.counter > 0 && !record.siblings.some((sibling) => hides(sibling.dot));
  return {
    clock: sayable ? withDot(clock, dot) : clock,
    hlc: Math.max(before?.hlc ?? 0, hlc) as Hlc,
  };
}

/**
 * The entity tag a writer is given: that of the record, if a reader of it gets this write. A retry may learn that another
 * write has come after its first attempt; given the tag of that one, it could replace a value it has never seen.
 */
export function etagAfterWrite(ref: KeyRef, record: StoredRecord, dot: Dot): string {
  const newest = record.siblings[0];
  if (newest !== undefined && sameDot(newest.dot, dot)) return etagOf(ref, record);
  return etagOf(ref, { clock: [dot], siblings: [], vote: null });
}

/** The answer to a read of `record`: the winner, and the other live values beside it. */
export function readResult(
  ref: KeyRef,
  record: StoredRecord,
  wallMs: WallMs,
  explain: Explain | null,
): ReadResult {
  const { winner, others } = visibleSiblings(record, wallMs);
  return {
    kind: 'read',
    winner: winner === null ? null : visible(winner),
    siblings: others.map(visible),
    context: contextOf(record),
    etag: etagOf(ref, record),
    explain,
  };
}

function visible(sibling: Sibling): VisibleSibling {
  return {
    dot: formatDot(sibling.dot),
    hlc: sibling.hlc,
    value: sibling.value,
    expiresAt: sibling.expiresAt,
  };
}
