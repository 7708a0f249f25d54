import type { WallMs } from '../base/ids.ts';
import { etagOf } from '../causality/context-token.ts';
import { formatDot } from '../causality/dot.ts';
import { recordHlc, visibleSiblings } from '../causality/dvv-set.ts';
import type { Sibling, StoredRecord } from '../causality/record.ts';
import type { KeyRef } from '../ring/key.ts';
import type { CausalContext, Explain, ReadResult, VisibleSibling } from './request.ts';

/** What a client that reads this record has seen. */
export function contextOf(record: StoredRecord): CausalContext {
  return { clock: record.clock, hlc: recordHlc(record) };
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
