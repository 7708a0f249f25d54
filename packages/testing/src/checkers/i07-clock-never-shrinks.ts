import { descends } from '@starling/core/causality/version-vector.ts';
import type { Applied } from '../ghost/causal-ghost.ts';
import { type Checker, ensure } from './checker.ts';

/**
 * I7: what a replica has seen of a key never shrinks while its history is whole. Observes each applied record against
 * the one before it on the same node: what it wrote last, or after a start what its disk held. Keys under Paxos are
 * judged by what their clients see (I13).
 */
export class ClockNeverShrinks implements Checker {
  readonly id = 'I7';

  applied({ process, row, before, after }: Applied): void {
    // A value that was accepted and not chosen gives way to one that never knew of it.
    if (after.vote !== null && after.vote.accepted.round > 0) return;
    const grows = before === null || descends(after.clock, before.clock);
    ensure(this.id, grows, () => `${process.nodeId} forgot part of what it had seen of ${row}`);
  }
}
