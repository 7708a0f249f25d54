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
  /** Met by reading the record: nothing better is in memory. */
  readonly #read: Set<string>[] = [];
  /** Met by a scan: a good copy may still be in memory, and answers may come from there. */
  readonly #scanned: Set<string>[] = [];

  constructor(context: CheckContext) {
    this.#context = context;
  }

  booted(process: SimProcess): void {
    this.#calls.booted(process);
    this.#read[process.index] = new Set();
    this.#scanned[process.index] = new Set();
  }

  input(process: SimProcess, input: Input): void {
    this.#calls.input(process, input);
    if (input.type === 'scanned') {
      for (const [row, value] of input.rows) if (value === 'corrupt') this.#meet(this.#scanned, process, row);
    }
  }

  readRows(process: SimProcess, rows: readonly string[], values: readonly ReadRow[]): void {
    rows.forEach((row, at) => {
      if (values[at] === 'corrupt') this.#meet(this.#read, process, row);
    });
  }

  wrote(process: SimProcess, _seq: number, rows: readonly RowWrite[]): void {
    for (const [row, value] of rows) {
      const known = [this.#read, this.#scanned].map((met) => met[process.index]!.delete(row));
      if (known.includes(true) && value !== null) this.#context.markers.reach('damaged record repaired');
    }
  }

  sent(process: SimProcess, to: NodeId, message: PeerMessage): void {
    const { kind } = message;
    if (kind !== 'readReply' && kind !== 'clockReply' && kind !== 'storeReply') return;
    const call = this.#calls.take(process, to, message.rpc);
    if (call === null || call.kind === 'pull' || message.result !== 'ok') return;
    ensure(
      this.id,
      !this.#read[process.index]!.has(call.ref.row),
      () => `${process.nodeId} answered ${call.kind} of ${call.ref.row} from a damaged record`,
    );
  }

  quiesced(): void {
    for (const process of this.#context.world.processes) {
      for (const row of [...(this.#read[process.index] ?? []), ...(this.#scanned[process.index] ?? [])]) {
        ensure(
          this.id,
          process.disk.read(row) !== 'corrupt',
          () => `${process.nodeId} has not mended ${row}`,
        );
      }
    }
  }

  #meet(met: readonly Set<string>[], process: SimProcess, row: string): void {
    if (!row.startsWith(recordPrefix)) return;
    met[process.index]!.add(row);
    this.#context.markers.reach('damaged record met');
  }
}
