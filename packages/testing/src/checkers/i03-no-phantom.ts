import type { ReadResult } from '@starling/core/coordinator/request.ts';
import type { Applied } from '../ghost/causal-ghost.ts';
import { decodeValue } from '../workload/values.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/**
 * I3: no phantom. Every value read, and every value a replica stores, was sent by some client, to that very key.
 * Observes reads and applied records; values carry their key, their number and a check of both.
 */
export class NoPhantom implements Checker {
  readonly id = 'I3';
  readonly #context: CheckContext;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  answeredRead(key: string, result: ReadResult): void {
    for (const sibling of result.winner === null ? result.siblings : [result.winner, ...result.siblings]) {
      if (sibling.value !== null) this.#checkValue(key, sibling.value, 'read');
    }
  }

  applied({ row, minted, process }: Applied): void {
    if (minted === null) return;
    ensure(
      this.id,
      minted.write !== null,
      () => `${process.nodeId} made ${minted.dot}, which no client asked for`,
    );
    const { value } = minted.sibling;
    if (value !== null)
      this.#checkValue(row.slice(row.indexOf('/default/') + '/default/'.length), value, 'stored');
  }

  #checkValue(key: string, value: Uint8Array, how: string): void {
    const decoded = decodeValue(value);
    ensure(this.id, decoded !== null, () => `a value ${how} under ${key} is no client's`);
    ensure(this.id, decoded!.key === key, () => `a value of ${decoded!.key} was ${how} under ${key}`);
    const write = this.#context.ledger.writeById(decoded!.id);
    ensure(
      this.id,
      write !== null && write.attempts.length > 0,
      () => `value ${decoded!.id} was ${how} before it was sent`,
    );
  }
}
