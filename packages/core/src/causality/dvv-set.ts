/**
 * Dotted version vector sets: the record of a key, with one dot for each sibling and one version vector for what has
 * been seen (Preguiça, Baquero, Almeida, Fonte, Gonçalves: "Dotted version vectors", 2010; the merge and update rules
 * are those Riak's `riak_object` uses). `mergeRecords` joins two replicas and mints nothing; `writeSibling` adds one
 * write. Records are immutable.
 */
import { assert } from '../base/assert.ts';
import type { Hlc, WallMs } from '../base/ids.ts';
import { emptyHeldRecord, HeldRecord } from '../codec/held-record.ts';
import { compareSiblings } from '../codec/sibling-order.ts';
import { compareBallots, noBallot } from '../paxos/ballot.ts';
import { sameDot } from './dot.ts';
import type { Dot, KeyVote, Sibling, StoredRecord, VersionVector } from './record.ts';
import { counterOf, covers, descends, joinClocks, sameClock, withDot } from './version-vector.ts';

/** The record of a key never written. */
export const emptyRecord: StoredRecord = emptyHeldRecord;

/**
 * What two replicas know together: a sibling stays unless the other side has seen its dot and no longer carries it,
 * which means that a write it knows of has superseded it. Commutative, associative, idempotent. Answers `a` itself
 * when that is the result, else `b` itself when that is: callers skip a write when nothing has changed.
 */
export function mergeRecords(a: StoredRecord, b: StoredRecord): StoredRecord {
  if (sameRecord(a, b)) return a;
  if (a.vote !== null || b.vote !== null) return mergeVoted(a, b);
  return mergeContents(a, b);
}

/**
 * What two replicas of a key under Paxos know together. A value that was accepted under a higher ballot was made from
 * whatever a lower one may have had chosen, so it stands alone; plain contents count only while nothing was accepted. The
 * promise is the higher one: whoever takes over for a replica takes over what that has bound itself to.
 */
function mergeVoted(a: StoredRecord, b: StoredRecord): StoredRecord {
  const [mine, other] = [a.vote ?? noVote, b.vote ?? noVote];
  const order = compareBallots(mine.accepted, other.accepted);
  // Under one ballot both hold one value, of which one may have dropped what has expired since.
  const contents = order > 0 ? a : order < 0 ? b : mergeContents(a, b);
  const promised = compareBallots(mine.promised, other.promised) >= 0 ? mine.promised : other.promised;
  const merged = withVote(contents, { ...(order >= 0 ? mine : other), promised });
  if (sameRecord(merged, a)) return a;
  return sameRecord(merged, b) ? b : merged;
}

/** Stands for the vote of a replica that has not voted, where two are compared. */
const noVote: KeyVote = { promised: noBallot, accepted: noBallot, recent: [], settled: 0 };

function mergeContents(a: StoredRecord, b: StoredRecord): StoredRecord {
  const siblings: Sibling[] = [];
  let fromA = 0;
  let fromB = 0;
  let i = 0;
  let j = 0;
  while (i < a.siblings.length || j < b.siblings.length) {
    const x = a.siblings[i];
    const y = b.siblings[j];
    const order = x === undefined ? 1 : y === undefined ? -1 : compareSiblings(x, y);
    const candidate = order === 0 ? laterForm(x!, y!) : order < 0 ? x! : y!;
    if (order === 0 || stays(candidate, order < 0 ? b : a)) {
      siblings.push(candidate);
      if (order <= 0 && sameForm(x!, candidate)) fromA++;
      if (order >= 0 && sameForm(y!, candidate)) fromB++;
    }
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  const size = siblings.length;
  if (fromA === size && size === a.siblings.length && descends(a.clock, b.clock)) return a;
  if (fromB === size && size === b.siblings.length && descends(b.clock, a.clock)) return b;
  return new HeldRecord(joinClocks(a.clock, b.clock), siblings);
}

/**
 * Whether a sibling of one side survives the other, which does not hold it at the same HLC. A dot names one write for
 * ever, so the other cannot hold it at all; were that law broken, the copy with the higher HLC stays, everywhere,
 * because replicas that stop or drop both copies would be worse than replicas that agree.
 */
function stays(sibling: Sibling, other: StoredRecord): boolean {
  if (!covers(other.clock, sibling.dot)) return true;
  for (const held of other.siblings) if (sameDot(held.dot, sibling.dot)) return sibling.hlc > held.hlc;
  return false;
}

/** Of two copies of one write, the one whose value has been dropped because its time was over: that is final. */
function laterForm(a: Sibling, b: Sibling): Sibling {
  return b.value === null && a.value !== null ? b : a;
}

function sameForm(a: Sibling, b: Sibling): boolean {
  return (a.value === null) === (b.value === null);
}

/**
 * The record once `sibling` has been written by someone who had seen `covered`: siblings whose dots are covered are
 * gone, the others stay beside it. The caller mints the dot in the same step, against this very record, so its
 * counter is above all that the record or the context knows of its actor; and its HLC is above that of everything it
 * discards, so that the newest HLC never loses to an older one (the law linearizability rests on).
 */
export function writeSibling(record: StoredRecord, covered: VersionVector, sibling: Sibling): StoredRecord {
  const { dot, hlc } = sibling;
  assert(
    counterOf(record.clock, dot.actor) < dot.counter && counterOf(covered, dot.actor) < dot.counter,
    'a new dot is above every counter its actor has used for the key',
  );
  const siblings: Sibling[] = [];
  for (const held of record.siblings) {
    if (covers(covered, held.dot)) assert(held.hlc < hlc, 'a write has a higher HLC than what it discards');
    else siblings.push(held);
  }
  insertInOrder(siblings, sibling);
  return new HeldRecord(withDot(joinClocks(record.clock, covered), dot), siblings);
}

function insertInOrder(siblings: Sibling[], sibling: Sibling): void {
  let at = siblings.length;
  while (at > 0 && compareSiblings(sibling, siblings[at - 1]!) < 0) at--;
  siblings.splice(at, 0, sibling);
}

/**
 * Whether both hold the same writes and have seen the same. Values are not compared, as a dot names one write for ever;
 * only whether they are still there, or have been dropped because their time was over.
 */
export function sameRecord(a: StoredRecord, b: StoredRecord): boolean {
  if (a === b) return true;
  if (a.siblings.length !== b.siblings.length || !sameClock(a.clock, b.clock)) return false;
  if (a.vote !== b.vote && !sameVote(a.vote, b.vote)) return false;
  for (let i = 0; i < a.siblings.length; i++) {
    const x = a.siblings[i]!;
    const y = b.siblings[i]!;
    if (compareSiblings(x, y) !== 0 || !sameForm(x, y)) return false;
  }
  return true;
}

/**
 * The record without the values whose time was over at the wall time `nowMs`; the record itself if there are none. What
 * is left of such a value is a scoped tombstone under its dot, which counts for causality and hides nothing, just as the
 * expired value did. Mints nothing: each replica comes to the same bytes by itself.
 */
export function dropExpired(record: StoredRecord, nowMs: WallMs): StoredRecord {
  if (!record.siblings.some((sibling) => isExpired(sibling, nowMs))) return record;
  const siblings = record.siblings.map((sibling) =>
    isExpired(sibling, nowMs) ? { ...sibling, value: null, scoped: true, expiresAt: 0 } : sibling,
  );
  return new HeldRecord(record.clock, siblings, null, record.vote);
}

/**
 * The sibling that decides what a reader gets, at the wall time `nowMs`: a value, a tombstone (not found), or null
 * when nothing is left (never written, or all expired: not found as well).
 *
 * The highest HLC wins, tombstones included: plain puts and deletes are one register, and only an order that treats
 * them alike makes it linearizable. A scoped tombstone is different: its writer said what it had read and deletes only
 * that, so it never hides a sibling it did not know of and wins only when nothing else is left. A value that has
 * expired is absent here, but it stays in the record, where it still counts for causality.
 */
export function winner(record: StoredRecord, nowMs: WallMs): Sibling | null {
  let scoped: Sibling | null = null;
  for (const sibling of record.siblings) {
    if (isExpired(sibling, nowMs)) continue;
    if (!sibling.scoped) return sibling;
    scoped ??= sibling;
  }
  return scoped;
}

/** What a reader may be shown at a time: only values that have not expired. */
export interface VisibleValues {
  /** null: not found, whatever `others` holds. */
  readonly winner: Sibling | null;
  /** The other values, in canonical order. */
  readonly others: readonly Sibling[];
}

/** Splits a record, at the wall time `nowMs`, into the value a read answers with and the values beside it. */
export function visibleSiblings(record: StoredRecord, nowMs: WallMs): VisibleValues {
  const first = winner(record, nowMs);
  const others = record.siblings.filter((s) => s !== first && s.value !== null && !isExpired(s, nowMs));
  return { winner: first === null || first.value === null ? null : first, others };
}

function isExpired(sibling: Sibling, nowMs: WallMs): boolean {
  return sibling.expiresAt !== 0 && sibling.expiresAt <= nowMs;
}

/** Under one ballot one value is accepted, with all that goes with it: `recent` need not be compared. */
function sameVote(a: KeyVote | null, b: KeyVote | null): boolean {
  if (a === null || b === null) return a === b;
  return compareBallots(a.promised, b.promised) === 0 && compareBallots(a.accepted, b.accepted) === 0;
}

/** The same clock and siblings beside another vote, or beside none. */
export function withVote(record: StoredRecord, vote: KeyVote | null): StoredRecord {
  return new HeldRecord(record.clock, record.siblings, null, vote);
}

/** Whether the record is a value that was accepted under a ballot, rather than a merge of plain writes. */
export function isAccepted(record: StoredRecord): boolean {
  return record.vote !== null && record.vote.accepted.round > 0;
}

/** Whether there is nothing to keep: no sibling, and no promise that somebody counts on. */
export function isBlank(record: StoredRecord): boolean {
  return record.siblings.length === 0 && record.vote === null;
}

/**
 * The record with a write in it whose dot it may know already, in place of all that is `covered`. For a plain write that
 * a replica refused and that is proposed under the dot, and the HLC, it was given before anything else was known: it
 * takes effect after what it finds, whatever the clocks say. Only records that Paxos chooses may be made so, since no
 * merge decides between them by HLC.
 */
export function restateSibling(record: StoredRecord, covered: VersionVector, sibling: Sibling): StoredRecord {
  const siblings = record.siblings.filter(
    (held) => !sameDot(held.dot, sibling.dot) && !covers(covered, held.dot),
  );
  insertInOrder(siblings, sibling);
  return new HeldRecord(withDot(joinClocks(record.clock, covered), sibling.dot), siblings);
}

/** The highest HLC among the siblings, or 0 if there are none. */
export function recordHlc(record: StoredRecord): Hlc {
  return record.siblings[0]?.hlc ?? (0 as Hlc);
}

/** Siblings held, tombstones and expired values included: what `siblingsMax` bounds. */
export function siblingCount(record: StoredRecord): number {
  return record.siblings.length;
}

/** Whether the key was written and is deleted: it holds siblings, and not one of them a value. */
export function isTombstone(record: StoredRecord): boolean {
  return record.siblings.length > 0 && record.siblings.every((sibling) => sibling.value === null);
}

/**
 * Whether writes that did not know of each other are left for a client to settle: two values, or a value and a plain
 * delete. A scoped tombstone hides nothing and so contests nothing. Expiry is not looked at: it depends on the time.
 */
export function isContested({ siblings }: StoredRecord): boolean {
  if (siblings.length < 2) return false;
  let rivals = 0;
  let values = 0;
  for (const { value, scoped } of siblings) {
    if (!scoped) rivals++;
    if (value !== null) values++;
  }
  return rivals > 1 && values > 0;
}

/** The sibling `record` carries under `dot`, or null. */
export function siblingOf(record: StoredRecord, dot: Dot): Sibling | null {
  return record.siblings.find((sibling) => sameDot(sibling.dot, dot)) ?? null;
}
