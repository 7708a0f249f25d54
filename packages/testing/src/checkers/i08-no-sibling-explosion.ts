import { formatDot } from '@starling/core/causality/dot.ts';
import type { Applied } from '../ghost/causal-ghost.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/**
 * I8: siblings are truly concurrent writes, and so never more of them than there were. Observes each applied record:
 * no sibling's writer had seen another sibling of the same record.
 */
export class NoSiblingExplosion implements Checker {
  readonly id = 'I8';
  readonly #context: CheckContext;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  applied({ process, row, after }: Applied): void {
    if (after.siblings.length < 2 || after.vote !== null) return;
    const { ghost } = this.#context;
    const events = after.siblings.map((sibling) => ghost.eventOf(formatDot(sibling.dot)));
    for (const newer of events) {
      for (const older of events) {
        const concurrent = newer === null || older === null || newer === older || !newer.past.has(older);
        ensure(
          this.id,
          concurrent,
          () =>
            `${process.nodeId} keeps ${older?.dot} of ${row} beside ${newer?.dot}, whose writer had seen it`,
        );
      }
    }
  }
}
