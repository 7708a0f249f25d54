import type { NodeId } from '@starling/core/base/ids.ts';
import type { Input } from '@starling/core/node/input.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import type { SimProcess } from '../sim/process.ts';
import { type Checker, ensure } from './checker.ts';

/**
 * I20, its other half: a replica that has gone on to a newer ring does nothing for callers that count by an older one.
 * Observes calls as they come, against the ring in force at that instant, and the answers they get.
 */
export class EpochFence implements Checker {
  readonly id = 'I20';
  /** Calls of an older epoch than the process's own when they came, by caller and number. */
  readonly #stale: Set<string>[] = [];

  booted(process: SimProcess): void {
    this.#stale[process.index] = new Set();
  }

  input(process: SimProcess, input: Input): void {
    if (input.type !== 'message') return;
    const { kind } = input.message;
    if (kind !== 'store' && kind !== 'clock' && kind !== 'read' && kind !== 'pull') return;
    const ring = process.machine?.ring() ?? null;
    if (ring !== null && input.message.epoch < ring.epoch)
      this.#stale[process.index]!.add(`${input.from} ${input.message.rpc}`);
  }

  sent(process: SimProcess, to: NodeId, message: PeerMessage): void {
    const { kind } = message;
    if (kind !== 'storeReply' && kind !== 'clockReply' && kind !== 'readReply' && kind !== 'pullReply')
      return;
    const stale = this.#stale[process.index]?.delete(`${to} ${message.rpc}`) === true;
    ensure(
      this.id,
      !stale || message.result !== 'ok',
      () => `${process.nodeId} served ${to} by a ring that is older than its own (${kind})`,
    );
  }
}
