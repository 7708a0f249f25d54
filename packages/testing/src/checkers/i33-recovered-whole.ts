import type { NodeId } from '@starling/core/base/ids.ts';
import type { NodeEvent } from '@starling/core/node/event.ts';
import type { Input } from '@starling/core/node/input.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import type { SimProcess } from '../sim/process.ts';
import type { WriteEntry } from '../workload/ledger.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';
import { AcknowledgedWrites } from './strict-writes.ts';

/**
 * I33: losing a disk loses no data. A node that knows of a hole in its history proves nothing by what it reads; and
 * once it says that it has recovered it holds every write again that a majority had acknowledged before. Observes the
 * states nodes go through, their answers meanwhile, and their disks afterwards.
 */
export class RecoveredWhole implements Checker {
  readonly id = 'I33';
  readonly #acknowledged: AcknowledgedWrites;
  /** Writes acknowledged when each recovering process began to recover; null: not recovering, or not the only one. */
  readonly #before: (number | null)[] = [];
  readonly #recovering = new Set<number>();
  /** Questions that came while the process was recovering, by caller and call. */
  readonly #asked: Set<string>[] = [];

  constructor(context: CheckContext) {
    this.#acknowledged = new AcknowledgedWrites(context);
  }

  answeredWrite(entry: WriteEntry): void {
    this.#acknowledged.add(entry);
  }

  booted(process: SimProcess): void {
    this.#asked[process.index] = new Set();
    this.#recovering.delete(process.index);
    this.#before[process.index] = null;
  }

  event(process: SimProcess, event: NodeEvent): void {
    if (event.type !== 'state') return;
    const { index } = process;
    if (event.state === 'recovering') return this.#begin(index);
    const before = this.#before[index] ?? null;
    this.#recovering.delete(index);
    this.#before[index] = null;
    if (event.state !== 'normal' || before === null) return;
    const missing = this.#acknowledged.missingOn(process, before, ({ current }, self) =>
      current.includes(self),
    );
    ensure(
      this.id,
      missing === null,
      () => `${process.nodeId} has recovered without ${missing?.dot} of ${missing?.row}`,
    );
  }

  input(process: SimProcess, input: Input): void {
    if (input.type !== 'message' || process.machine?.state !== 'recovering') return;
    const { kind } = input.message;
    if (kind === 'clock' || kind === 'read')
      this.#asked[process.index]!.add(`${input.from} ${input.message.rpc}`);
  }

  sent(process: SimProcess, to: NodeId, message: PeerMessage): void {
    if (message.kind !== 'clockReply' && message.kind !== 'readReply') return;
    const asked = this.#asked[process.index]!.delete(`${to} ${message.rpc}`);
    const proves = message.result === 'ok' && asked && process.machine?.state === 'recovering';
    ensure(this.id, !proves, () => `${process.nodeId} answered ${to} (${message.kind}) while recovering`);
  }

  /** Two that recover at once may each lack what only the other had: neither is promised anything. */
  #begin(index: number): void {
    this.#before[index] = this.#recovering.size === 0 ? this.#acknowledged.count : null;
    for (const other of this.#recovering) this.#before[other] = null;
    this.#recovering.add(index);
  }
}
