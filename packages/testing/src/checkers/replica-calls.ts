import type { Input } from '@starling/core/node/input.ts';
import type {
  AcceptCall,
  ClockCall,
  PeerMessage,
  PrepareCall,
  PullCall,
  ReadCall,
  StoreCall,
} from '@starling/core/node/messages.ts';
import type { Observer } from '../sim/observer.ts';
import type { SimProcess } from '../sim/process.ts';

type ReplicaCall = ClockCall | ReadCall | StoreCall | PullCall | PrepareCall | AcceptCall;

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

const kinds: ReadonlySet<PeerMessage['kind']> = new Set<ReplicaCall['kind']>([
  'store',
  'read',
  'clock',
  'pull',
  'prepare',
  'accept',
]);

/** Whether a message asks one replica about keys of its own, and is therefore fenced by ring epoch. */
export function isReplicaCall(message: PeerMessage): message is ReplicaCall {
  return kinds.has(message.kind);
}
