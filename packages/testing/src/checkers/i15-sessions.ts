import { parseDot } from '@starling/core/causality/dot.ts';
import { covers } from '@starling/core/causality/version-vector.ts';
import type { Level, ReadResult, WriteResult } from '@starling/core/coordinator/request.ts';
import type { GhostEvent } from '../ghost/causal-ghost.ts';
import type { ReadEntry, SeenContext, WriteEntry } from '../workload/ledger.ts';
import { dotsOf } from '../workload/seen.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';
import { asksMajority } from './strict-writes.ts';

/**
 * I15: what a client was shown at quorum, and what it wrote at quorum, no later read of its own at quorum misses: read
 * your writes, and monotonic reads (Terry and others, "Session Guarantees for Weakly Consistent Replicated Data", 1994,
 * section 3). Each is in the later answer, or was replaced by something that is. Observes what clients are told.
 */
export class Sessions implements Checker {
  readonly id = 'I15';
  readonly #context: CheckContext;
  /** By client and key: dots it knows of, and the event number of the answer that told of each first. */
  readonly #known = new Map<string, Map<string, number>>();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  answeredRead(key: string, result: ReadResult, _seen: SeenContext, read: ReadEntry): void {
    if (!this.#isStrict(read.level)) return;
    const known = this.#of(read.client, key);
    for (const [dot, toldAt] of known) {
      ensure(
        this.id,
        toldAt > read.calledAt || isCovered(dot, result) || this.#mayBeGone(dot),
        () => `${read.client} knew of ${dot} of ${key}, and a later read of its own does not`,
      );
    }
    for (const dot of dotsOf(result)) if (!known.has(dot)) known.set(dot, read.returnedAt);
  }

  answeredWrite({ client, key, level, returnedAt }: WriteEntry, { dot }: WriteResult): void {
    const known = this.#of(client, key);
    if (this.#isStrict(level) && !known.has(dot)) known.set(dot, returnedAt);
  }

  /** A majority by every ring that is in force anywhere: what is a majority of two is none of three. */
  #isStrict(level: Level): boolean {
    return this.#context.world.processes.every(({ machine }) => {
      const replicas = machine?.ring()?.effectiveReplicas;
      return replicas === undefined || asksMajority(level, replicas);
    });
  }

  /** What has an end and what was deleted leaves the disks in time, and with it all that told of it. */
  #mayBeGone(dot: string): boolean {
    const { ghost } = this.#context;
    const event = ghost.eventOf(dot);
    if (event === null) return false;
    return ghost
      .eventsOf(event.row)
      .some((other) => leavesInTime(other) && (other === event || other.past.has(event)));
  }

  #of(client: string, key: string): Map<string, number> {
    const name = `${client} ${key}`;
    const known = this.#known.get(name) ?? new Map<string, number>();
    this.#known.set(name, known);
    return known;
  }
}

function isCovered(dot: string, { context }: ReadResult): boolean {
  const parsed = parseDot(dot);
  return parsed !== null && covers(context.clock, parsed);
}

function leavesInTime({ sibling }: GhostEvent): boolean {
  return sibling.value === null || sibling.expiresAt !== 0;
}
