import type { ClientAnswer, NodeEvent } from '@starling/core';
import type { Effect } from '@starling/core/node/effect.ts';
import type { Input, Now } from '@starling/core/node/input.ts';
import type { StarlingNode } from '@starling/core/node/node.ts';
import type { MachineStore, RowRange } from './machine-store.ts';
import { WakeUp } from './wake-up.ts';

type Send = Extract<Effect, { type: 'send' }>;
type Packet = Extract<Effect, { type: 'packet' }>;

/** Where the effects of a machine go, other than to its store. */
export interface EffectSinks {
  send(effect: Send): void;
  /** The tick is over: what was sent in it may leave. */
  flushSends(): void;
  packet(effect: Packet): void;
  reply(id: number, answer: ClientAnswer): void;
  event(event: NodeEvent): void;
  stopped(): void;
}

export interface RunParts {
  readonly machine: StarlingNode;
  readonly store: MachineStore;
  readonly sinks: EffectSinks;
  readonly now: () => Now;
  /** The machine broke one of its own laws, or the store failed to read. */
  readonly onBroken: (cause: unknown) => void;
}

/**
 * The life of one machine on one open store, until either is lost. Inputs are handled as they come; what a turn of the
 * event loop has written and sent leaves at its end, as one synced batch and one frame per peer. That is what makes
 * fsync affordable, and it happens after all I/O callbacks of the turn, so a busier node has larger batches.
 */
export class MachineRun {
  readonly machine: StarlingNode;
  readonly store: MachineStore;
  readonly #parts: RunParts;
  readonly #wakeUp: WakeUp;
  /** Inputs that came up while another was being handled. */
  #queue: Input[] = [];
  #stepping = false;
  #turn: NodeJS.Immediate | null = null;
  #ended = false;

  constructor(parts: RunParts) {
    this.machine = parts.machine;
    this.store = parts.store;
    this.#parts = parts;
    this.#wakeUp = new WakeUp(
      () => this.feed({ type: 'tick' }),
      () => parts.now().mono,
    );
  }

  /** Hands one input to the machine and carries out what it answers. Nothing happens after `end`. */
  feed(input: Input): void {
    this.#queue.push(input);
    if (this.#stepping || this.#ended) return;
    this.#stepping = true;
    try {
      for (let i = 0; i < this.#queue.length && !this.#ended; i++) this.#step(this.#queue[i]!);
    } catch (cause) {
      this.end();
      this.#parts.onBroken(cause);
    }
    this.#queue = [];
    this.#stepping = false;
    if (!this.#ended) this.#turn ??= setImmediate(() => this.#endTurn());
  }

  /** From now on nothing reaches the machine, and nothing it asked for is carried out any more. */
  end(): void {
    this.#ended = true;
    this.#wakeUp.cancel();
    if (this.#turn !== null) clearImmediate(this.#turn);
  }

  #step(input: Input): void {
    for (const effect of this.machine.step(input, this.#parts.now())) this.#carryOut(effect);
  }

  #endTurn(): void {
    this.#turn = null;
    if (this.#ended) return;
    this.store.flush();
    this.#parts.sinks.flushSends();
    this.#wakeUp.setFor(this.machine.nextTickAt());
  }

  #carryOut(effect: Effect): void {
    const { sinks, store } = this.#parts;
    switch (effect.type) {
      case 'send':
        sinks.send(effect);
        break;
      case 'packet':
        sinks.packet(effect);
        break;
      case 'write':
        store.write(effect.seq, effect.rows);
        break;
      case 'read':
        this.#read(effect.id, effect.rows);
        break;
      case 'scan':
        this.#scan(effect.id, effect);
        break;
      case 'reply':
        sinks.reply(effect.id, effect.answer);
        break;
      case 'event':
        sinks.event(effect.event);
        break;
      case 'stopped':
        sinks.stopped();
        break;
      default:
        effect satisfies never;
    }
  }

  #read(id: number, rows: readonly string[]): void {
    this.store.read(rows).then((found) => this.feed({ type: 'rows', id, rows: found }), this.#failed);
  }

  #scan(id: number, range: RowRange): void {
    this.store
      .scan(range)
      .then(({ rows, done }) => this.feed({ type: 'scanned', id, rows, done }), this.#failed);
  }

  /** A row that cannot be read comes back as `corrupt`; a store that cannot be asked at all is lost with the machine. */
  readonly #failed = (cause: unknown): void => {
    if (this.#ended) return;
    this.end();
    this.#parts.onBroken(cause);
  };
}
