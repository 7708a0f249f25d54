import { formatDot } from '@starling/core/causality/dot.ts';
import { covers } from '@starling/core/causality/version-vector.ts';
import type { ReadResult } from '@starling/core/coordinator/request.ts';
import { type Applied, expiredBy, type GhostEvent } from '../ghost/causal-ghost.ts';
import type { SeenContext } from '../workload/ledger.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';
import { refOf } from './i25-durability-order.ts';

/**
 * I5: causal contexts mean what they say. A put with a context leaves exactly the siblings its client was not shown,
 * and itself; a put without one leaves only itself. A read's context covers only what was shown, deleted, expired or
 * replaced. And no version vector ever covers an event that its record
 * neither carries nor replaced by something it carries: such an event would be dropped by every later merge.
 * Observes each applied record, against the explicit sets of the ghost.
 */
export class CausalContextLaw implements Checker {
  readonly id = 'I5';
  readonly #context: CheckContext;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  answeredRead(key: string, _result: ReadResult, seen: SeenContext): void {
    if (!key.startsWith('c/')) return;
    const { ghost, markers } = this.#context;
    const { row } = refOf(key);
    const known = ghost.knownBy(seen, row);
    for (const event of ghost.eventsOf(row)) {
      if (!covers(seen.context.clock, event.sibling.dot)) continue;
      ensure(
        this.id,
        known.has(event),
        () => `a read of ${key} answered with a context that covers ${event.dot}, which it did not show`,
      );
      const passedOver = expiredBy(event.sibling, seen.wallMs) && !seen.dots.includes(event.dot);
      if (passedOver) markers.reach('expired value passed over');
    }
  }

  applied(applied: Applied): void {
    // What Paxos chooses follows on what was chosen before, whatever this replica has held of it.
    if (applied.after.vote !== null) return;
    if (applied.minted !== null) this.#checkWrite(applied, applied.minted);
    this.#checkClock(applied);
  }

  #checkWrite({ process, row, before, after }: Applied, minted: GhostEvent): void {
    const { ghost, markers } = this.#context;
    const expected = new Set([minted.dot]);
    for (const sibling of before?.siblings ?? []) {
      const event = ghost.eventOf(formatDot(sibling.dot));
      if (event !== null && !minted.past.has(event)) expected.add(event.dot);
    }
    if (expected.size > 1) markers.reach('sibling made by a stale context');
    const actual = new Set(after.siblings.map((sibling) => formatDot(sibling.dot)));
    const lost = [...expected].filter((dot) => !actual.has(dot));
    const extra = [...actual].filter((dot) => !expected.has(dot));
    const what = () => `${minted.dot} (write ${minted.write?.id}) of ${row} on ${process.nodeId}`;
    ensure(
      this.id,
      lost.length === 0,
      () => `${what()} discarded ${lost.join(', ')}, which its client was never shown`,
    );
    ensure(
      this.id,
      extra.length === 0,
      () => `${what()} kept ${extra.join(', ')}, which its client had seen`,
    );
  }

  #checkClock({ process, row, after }: Applied): void {
    const { ghost } = this.#context;
    const known = ghost.downset(after);
    for (const event of ghost.eventsOf(row)) {
      const honest = known.has(event) || !covers(after.clock, event.sibling.dot);
      ensure(
        this.id,
        honest,
        () =>
          `${process.nodeId} holds a clock of ${row} that covers ${event.dot}, which it neither carries nor has replaced`,
      );
    }
  }
}
