import type { NodeId } from '@starling/core/base/ids.ts';
import type { RowWrite } from '@starling/core/node/effect.ts';
import type { Input, ReadRow } from '@starling/core/node/input.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import { recordPrefix } from '../ghost/causal-ghost.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';
import { ReplicaCalls } from './replica-calls.ts';

/**
 * I26: a record whose bytes fail their check is neither a value nor an absence, and is mended. Observes rows that
 * reads answer as corrupt: until such a row is written again, its node answers no question about the key with ok, and
 * at quiesce no such row is left.
 */
export class DamageShown implements Checker {
  readonly id = 'I26';
  readonly #context: CheckContext;
  readonly #calls = new ReplicaCalls();
  readonly #met: Set<string>[] = [];

  constructor(context: CheckContext) {
    this.#context = context;
  }

  booted(process: SimProcess): void {
    this.#calls.booted(process);
    this.#met[process.index] = new Set();
  }

  input(process: SimProcess, input: Input): void {
    this.#calls.input(process, input);
    if (input.type === 'scanned') {
      for (const [row, value] of input.rows) if (value === 'corrupt') this.#meet(process, row);
    }
  }

  readRows(process: SimProcess, rows: readonly string[], values: readonly ReadRow[]): void {
    rows.forEach((row, at) => {
      if (values[at] === 'corrupt') this.#meet(process, row);
    });
  }

  wrote(process: SimProcess, _seq: number, rows: readonly RowWrite[]): void {
    const met = this.#met[process.index]!;
    for (const [row, value] of rows) {
      if (met.delete(row) && value !== null) this.#context.markers.reach('damaged record repaired');
    }
  }

  sent(process: SimProcess, to: NodeId, message: PeerMessage): void {
    const { kind } = message;
    if (kind !== 'readReply' && kind !== 'clockReply' && kind !== 'storeReply') return;
    const call = this.#calls.take(process, to, message.rpc);
    if (call === null || call.kind === 'pull' || message.result !== 'ok') return;
    ensure(
      this.id,
      !this.#met[process.index]!.has(call.ref.row),
      () => `${process.nodeId} answered ${call.kind} of ${call.ref.row} from a damaged record`,
    );
  }

  quiesced(): void {
    for (const process of this.#context.world.processes) {
      for (const row of this.#met[process.index] ?? []) {
        ensure(
          this.id,
          process.disk.read(row) !== 'corrupt',
          () => `${process.nodeId} has not mended ${row}`,
        );
      }
    }
  }

  #meet(process: SimProcess, row: string): void {
    if (!row.startsWith(recordPrefix)) return;
    this.#met[process.index]!.add(row);
    this.#context.markers.reach('damaged record met');
  }
}
