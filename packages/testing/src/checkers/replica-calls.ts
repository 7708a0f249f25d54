import type { Input } from '@starling/core/node/input.ts';
import type { ClockCall, PeerMessage, PullCall, ReadCall, StoreCall } from '@starling/core/node/messages.ts';
import type { Observer } from '../sim/observer.ts';
import type { SimProcess } from '../sim/process.ts';

type ReplicaCall = ClockCall | ReadCall | StoreCall | PullCall;

/** Remembers what each replica was asked, so that its answers can be judged by what they answer. */
export class ReplicaCalls implements Observer {
  readonly #calls: Map<string, ReplicaCall>[] = [];

  booted(process: SimProcess): void {
    this.#calls[process.index] = new Map();
  }

  input(process: SimProcess, input: Input): void {
    if (input.type !== 'message' || !isReplicaCall(input.message)) return;
    this.#calls[process.index]!.set(`${input.from} ${input.message.rpc}`, input.message);
  }

  /** The call that `process` answers with this number to `caller`; forgotten once asked for. */
  take(process: SimProcess, caller: string, rpc: number): ReplicaCall | null {
    const calls = this.#calls[process.index];
    const key = `${caller} ${rpc}`;
    const call = calls?.get(key) ?? null;
    calls?.delete(key);
    return call;
  }
}

function isReplicaCall(message: PeerMessage): message is ReplicaCall {
  const { kind } = message;
  return kind === 'store' || kind === 'read' || kind === 'clock' || kind === 'pull';
}
