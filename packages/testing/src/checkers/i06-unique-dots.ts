import { equalBytes } from '@starling/core/base/bytes.ts';
import { formatDot } from '@starling/core/causality/dot.ts';
import type { Sibling } from '@starling/core/causality/record.ts';
import type { Applied } from '../ghost/causal-ghost.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/**
 * I6: a dot names one write for ever, across crashes, lost syncs and lost history. Observes every record any node
 * writes: a dot met again must be of the same key and carry the same write.
 */
export class UniqueDots implements Checker {
  readonly id = 'I6';
  readonly #context: CheckContext;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  applied({ process, row, after }: Applied): void {
    for (const sibling of after.siblings) {
      const dot = formatDot(sibling.dot);
      const first = this.#context.ghost.eventOf(dot);
      if (first === null) continue;
      ensure(this.id, first.row === row, () => `${dot} names a write of ${first.row} and one of ${row}`);
      ensure(
        this.id,
        sameWrite(first.sibling, sibling) || isLeftOf(first.sibling, sibling),
        () => `${process.nodeId} holds ${dot} of ${row} for another write than the first of that name`,
      );
    }
  }
}

/** What is left of a value whose time is over: its dot, as a tombstone that hides nothing. I35 looks at when. */
function isLeftOf(value: Sibling, { value: left, ...rest }: Sibling): boolean {
  const { expiresAt } = value;
  return (
    expiresAt !== 0 &&
    sameWrite({ ...value, value: null, scoped: true, expiresAt: 0 }, { ...rest, value: left })
  );
}

function sameWrite(a: Sibling, b: Sibling): boolean {
  if (a.hlc !== b.hlc || a.request !== b.request || a.scoped !== b.scoped || a.expiresAt !== b.expiresAt)
    return false;
  if (a.value === null || b.value === null) return a.value === b.value;
  return equalBytes(a.value, b.value);
}
