import type { ReadResult } from '@starling/core/coordinator/request.ts';
import { durableRecord } from '../ghost/causal-ghost.ts';
import { outcomeOf, type WriteEntry } from '../workload/ledger.ts';
import { decodeValue } from '../workload/values.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/**
 * I4: a write answered `failed` never becomes visible; an unknown one may. Observes every read, and at the end what
 * was read before the failure was known, and what the disks hold.
 */
export class FailedStaysInvisible implements Checker {
  readonly id = 'I4';
  readonly #context: CheckContext;
  readonly #read = new Set<WriteEntry>();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  answeredRead(_key: string, result: ReadResult): void {
    for (const sibling of result.winner === null ? result.siblings : [result.winner, ...result.siblings]) {
      const decoded = sibling.value === null ? null : decodeValue(sibling.value);
      const write = decoded === null ? null : this.#context.ledger.writeById(decoded.id);
      if (write === null) continue;
      this.#read.add(write);
      this.#requireNotFailed(write, 'was read');
    }
  }

  audit(): void {
    const { ghost, world } = this.#context;
    for (const write of this.#read) this.#requireNotFailed(write, 'was read');
    for (const row of ghost.rows()) {
      for (const process of world.processes) {
        const record = durableRecord(process, row);
        // What was accepted may never have been chosen: that it is not read is all that is promised.
        if (record === null || record.vote !== null) continue;
        for (const { write } of ghost.downset(record)) {
          if (write !== null) this.#requireNotFailed(write, `took effect on ${process.nodeId}`);
        }
      }
    }
  }

  #requireNotFailed(write: WriteEntry, how: string): void {
    ensure(
      this.id,
      outcomeOf(write) !== 'failed',
      () => `${write.kind} ${write.id} of ${write.key} failed, and ${how}`,
    );
  }
}
