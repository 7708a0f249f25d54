/** What a client has seen, by what it was answered. */
import { parseDot } from '@starling/core/causality/dot.ts';
import { covers } from '@starling/core/causality/version-vector.ts';
import type { Condition, ReadResult, WriteResult } from '@starling/core/coordinator/request.ts';
import type { Expected, WriteEntry } from './ledger.ts';

/** Dots of everything a read has shown. */
export function dotsOf(result: ReadResult): string[] {
  const shown = result.siblings.map((sibling) => sibling.dot);
  return result.winner === null ? shown : [result.winner.dot, ...shown];
}

/**
 * Dots that a client knows of after its write. What stayed beside the write was not shown to it: it has seen what it
 * knew before, and its own write as far as the context says so.
 */
export function dotsKnown(
  entry: WriteEntry,
  result: WriteResult,
): { readonly dots: string[]; readonly own: string | null } {
  const before = result.siblingCount === 0 ? [] : (entry.seen?.dots ?? []);
  const dot = parseDot(result.dot);
  const own = dot !== null && covers(result.context.clock, dot) ? result.dot : null;
  return { dots: own === null ? [...before] : [...before, own], own };
}

/** The condition that the key is as it was shown. */
export function conditionOf(expected: Expected | null): Condition | null {
  if (expected === null) return null;
  return expected.etag === null ? { kind: 'absent' } : { kind: 'match', etags: [expected.etag] };
}
