import type { NodeId } from '@starling/core/base/ids.ts';
import type { ClientAnswer, ReadResult, WriteResult } from '@starling/core/coordinator/request.ts';
import type { NodeEvent } from '@starling/core/node/event.ts';
import type { Input } from '@starling/core/node/input.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import type { DeathCause, Observer } from '../sim/observer.ts';
import type { SimProcess } from '../sim/process.ts';
import type { World } from '../sim/world.ts';
import type { ClientWatcher } from '../workload/client.ts';
import type { ListEntry, WriteEntry } from '../workload/ledger.ts';
import type { Markers } from './markers.ts';

/** Notes which of the situations worth testing (I34) a lifetime has come through. */
export class MarkerWatch implements Observer, ClientWatcher {
  readonly #markers: Markers;
  readonly #world: World;
  readonly #actors: string[] = [];
  readonly #actorSeen: boolean[] = [];
  readonly #states: string[] = [];
  /** Requests not answered yet, and the newest batch written and synced, by process in its present life. */
  readonly #open: Set<number>[] = [];
  readonly #written: number[] = [];
  readonly #durable: number[] = [];
  /** Set while the faults of the safety phase may strike. */
  underFaults = false;

  constructor(markers: Markers, world: World) {
    this.#markers = markers;
    this.#world = world;
  }

  booted({ index }: SimProcess): void {
    this.#states[index] = '';
    this.#actorSeen[index] = false;
    this.#open[index] = new Set();
    this.#written[index] = 0;
    this.#durable[index] = 0;
  }

  input(process: SimProcess, input: Input): void {
    if (input.type === 'request') this.#open[process.index]?.add(input.id);
  }

  wrote(process: SimProcess, seq: number): void {
    this.#written[process.index] = seq;
  }

  durable(process: SimProcess, seq: number): void {
    this.#durable[process.index] = seq;
  }

  died(process: SimProcess, cause: DeathCause): void {
    const { index } = process;
    if (cause === 'poisoned') this.#markers.reach('store poisoned');
    if ((this.#open[index]?.size ?? 0) > 0) this.#markers.reach('crash with requests open');
    if (cause === 'power' && (this.#written[index] ?? 0) > (this.#durable[index] ?? 0)) {
      this.#markers.reach('power lost with writes not synced');
    }
    if (this.#world.processes.every((other) => other.state !== 'up'))
      this.#markers.reach('all nodes down at once');
    this.#states[process.index] = '';
  }

  answeredRead(_key: string, result: ReadResult): void {
    this.#markers.reach(result.winner === null ? 'read found nothing' : 'read found a value');
    if (result.siblings.length > 0) this.#markers.reach('siblings shown');
    if (result.explain?.steps.some((step) => step.phase === 'write-back'))
      this.#markers.reach('read wrote back');
  }

  answeredWrite(entry: WriteEntry, result: WriteResult): void {
    this.#markers.reach('write acknowledged');
    if (result.repeated) this.#markers.reach('retry recognised');
    if (entry.expected !== null) this.#markers.reach('condition met');
    else if (entry.key.startsWith('k/') && isAgreed(result.dot)) this.#markers.reach('plain write agreed on');
  }

  answeredUnmet(): void {
    this.#markers.reach('condition not met');
  }

  answeredList({ after }: ListEntry): void {
    this.#markers.reach(after === '' ? 'keys listed' : 'list of several pages');
  }

  sentBatch(): void {
    this.#markers.reach('batch sent');
  }

  usedContext(whose: 'shared' | 'foreign'): void {
    this.#markers.reach(
      whose === 'shared' ? 'context from another client used' : 'context of another key refused',
    );
  }

  replied(process: SimProcess, id: number, answer: ClientAnswer): void {
    this.#open[process.index]?.delete(id);
    if (answer.kind !== 'error') return;
    if (answer.error.code === 'overloaded') this.#markers.reach('overload refused');
    this.#markers.reach(answer.error.outcome === 'unknown' ? 'write outcome unknown' : 'write failed');
  }

  sent(_process: SimProcess, _to: NodeId, message: PeerMessage): void {
    if (message.kind === 'forward') this.#markers.reach('request forwarded');
    if (message.kind === 'read' && message.digest) this.#markers.reach('digest read');
    if (!('result' in message)) return;
    if (message.result === 'staleEpoch') this.#markers.reach('stale epoch refused');
    if (message.result === 'outbid') this.#markers.reach('ballot outbid');
    if (message.result === 'unknownEpoch') this.#markers.reach('unknown epoch refused');
  }

  event(process: SimProcess, event: NodeEvent): void {
    switch (event.type) {
      case 'repair':
        return this.#markers.reach('lagging replica repaired');
      case 'member':
        if (event.status === 'alive') this.#markers.reach('member came back');
        return;
      case 'warning':
        if (event.code === 'disk_low') this.#markers.reach('disk low');
        return;
      case 'state':
        return this.#state(process, event.state);
      default:
        return;
    }
  }

  stepped(process: SimProcess): void {
    const actor = process.machine?.actor().actor;
    if (actor === undefined || this.#actorSeen[process.index]) return;
    this.#actorSeen[process.index] = true;
    const before = this.#actors[process.index];
    this.#actors[process.index] = actor;
    if (before === undefined) return;
    this.#markers.reach(
      before === actor ? 'same actor after a clean start' : 'new actor after an unclean start',
    );
  }

  #state(process: SimProcess, state: string): void {
    const before = this.#states[process.index];
    this.#states[process.index] = state;
    if (state === 'recovering') this.#markers.reach('node recovering');
    if (before === 'recovering' && state === 'normal') this.#markers.reach('node recovered');
    if (before === 'joining' && state === 'normal') {
      this.#markers.reach(this.underFaults ? 'join under faults' : 'node joined');
    }
  }
}

/** A write that went through Paxos has a dot of the actor that is for such writes. */
function isAgreed(dot: string): boolean {
  return dot.includes('+:');
}
