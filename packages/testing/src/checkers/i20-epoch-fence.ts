import type { NodeId } from '@starling/core/base/ids.ts';
import type { Input } from '@starling/core/node/input.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import { keyRefOfRow } from '@starling/core/ring/key.ts';
import type { Ring } from '@starling/core/ring/ring.ts';
import type { Applied } from '../ghost/causal-ghost.ts';
import type { SimProcess } from '../sim/process.ts';
import { type Checker, ensure } from './checker.ts';
import { isReplicaCall } from './replica-calls.ts';

/**
 * I20, its other half: nobody acts by a ring that is over. A replica that has gone on to a newer ring does nothing for
 * callers that count by an older one, and only a replica of the key by the ring in force mints a dot of it. Observes calls
 * as they come, against the ring in force at that instant, the answers they get, and the writes nodes make.
 */
export class EpochFence implements Checker {
  readonly id = 'I20';
  /** Calls of an older epoch than the process's own when they came, by caller and number. */
  readonly #stale: Set<string>[] = [];

  /** Rings before the step being taken: one input can complete a write under one ring and bring in the next. */
  readonly #before: (Ring | null)[] = [];

  booted(process: SimProcess): void {
    this.#stale[process.index] = new Set();
    this.#before[process.index] = null;
  }

  applied({ process, row, minted }: Applied): void {
    if (minted === null) return;
    const bucket = keyRefOfRow(row)?.bucket ?? 0;
    const rings = [this.#before[process.index] ?? null, process.machine?.ring() ?? null];
    const owned = rings.some((ring) => ring?.replicasOf(bucket).current.includes(process.nodeId) === true);
    ensure(this.id, owned, () => `${process.nodeId} made ${minted.dot} of ${row}, of which it is no replica`);
  }

  input(process: SimProcess, input: Input): void {
    this.#before[process.index] = process.machine?.ring() ?? null;
    if (input.type !== 'message') return;
    if (!isReplicaCall(input.message)) return;
    const ring = process.machine?.ring() ?? null;
    if (ring !== null && input.message.epoch < ring.epoch)
      this.#stale[process.index]!.add(`${input.from} ${input.message.rpc}`);
  }

  sent(process: SimProcess, to: NodeId, message: PeerMessage): void {
    const { kind } = message;
    if (!('result' in message) || kind === 'keysReply') return;
    const stale = this.#stale[process.index]?.delete(`${to} ${message.rpc}`) === true;
    ensure(
      this.id,
      !stale || message.result !== 'ok',
      () => `${process.nodeId} served ${to} by a ring that is older than its own (${kind})`,
    );
  }
}
