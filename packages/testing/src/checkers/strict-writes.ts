import type { NodeId } from '@starling/core/base/ids.ts';
import type { Level } from '@starling/core/coordinator/request.ts';
import { keyRefOfRow } from '@starling/core/ring/key.ts';
import type { Ring } from '@starling/core/ring/ring.ts';
import { durableRecord, type GhostEvent } from '../ghost/causal-ghost.ts';
import type { SimProcess } from '../sim/process.ts';
import type { WriteEntry } from '../workload/ledger.ts';
import type { CheckContext } from './checker.ts';
import { copiesFor } from './i25-durability-order.ts';

interface AcknowledgedWrite {
  readonly dot: string;
  /** A majority of the replicas was promised for it. */
  readonly strict: boolean;
}

/** The writes clients were told are done, in the order in which they heard it. */
export class AcknowledgedWrites {
  readonly #context: CheckContext;
  readonly #entries: AcknowledgedWrite[] = [];

  constructor(context: CheckContext) {
    this.#context = context;
  }

  get count(): number {
    return this.#entries.length;
  }

  add({ dot, level }: WriteEntry): void {
    // By every ring that is in force anywhere: what is a majority of two is none of three.
    const strict = this.#context.world.processes.every(({ machine }) => {
      const replicas = machine?.ring()?.effectiveReplicas;
      return replicas === undefined || asksMajority(level, replicas);
    });
    this.#entries.push({ dot: dot ?? '', strict });
  }

  /**
   * The first of the `count` oldest that a majority was promised for, whose key `concerns` picks, and that is not on
   * the disk of `process`: neither itself nor what has replaced it.
   */
  missingOn(
    process: SimProcess,
    count: number,
    concerns: (sets: ReturnType<Ring['replicasOf']>, self: NodeId) => boolean,
  ): GhostEvent | null {
    const { ghost } = this.#context;
    const ring = process.machine?.ring() ?? null;
    if (ring === null) return null;
    for (const { dot, strict } of this.#entries.slice(0, count)) {
      const event = strict ? ghost.eventOf(dot) : null;
      const ref = event === null ? null : keyRefOfRow(event.row);
      if (event === null || ref === null) continue;
      const sets = ring.replicasOf(ref.bucket);
      if (!concerns(sets, process.nodeId)) continue;
      // Damage is for the disk's owner to mend once it reads the row; nothing was left out.
      if (process.disk.read(event.row) === 'corrupt') continue;
      const record = durableRecord(process, event.row);
      if (record === null || !ghost.downset(record).has(event)) return event;
    }
    return null;
  }
}

/** Whether a level promises more than half of the replicas. Counted here anew: core's own count is under test. */
export function asksMajority(level: Level, replicas: number): boolean {
  return copiesFor(level, replicas) > replicas / 2;
}
