import type { ClientAnswer, CommandAnswer, Finding, NodeEvent } from '@starling/core';
import type { Effect } from '@starling/core/node/effect.ts';
import type { Input, Now } from '@starling/core/node/input.ts';
import type { StarlingNode } from '@starling/core/node/node.ts';
import type { MachineStore } from './machine-store.ts';
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
  found(id: number, finding: Finding): void;
  commanded(id: number, answer: CommandAnswer): void;
  event(event: NodeEvent): void;
  stopped(): void;
}

export interface RunParts {
  readonly machine: StarlingNode;
  readonly store: MachineStore;
  readonly sinks: EffectSinks;
  readonly now: () => Now;
  /** The machine broke one of its own laws. */
  readonly onBroken: (cause: unknown) => void;
}

/**
 * The life of one machine on one open store, until either is lost. Inputs are handled as they come; what a turn of the
 * event loop has sent leaves at its end at the latest, after all I/O callbacks of the turn, so a busier node has
 * larger frames. The store does the same with what was written: that is what makes fsync affordable.
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
        store.read(effect.rows, (rows) => this.feed({ type: 'rows', id: effect.id, rows }));
        break;
      case 'scan':
        store.scan(effect, ({ rows, done }) => this.feed({ type: 'scanned', id: effect.id, rows, done }));
        break;
      case 'reply':
        sinks.reply(effect.id, effect.answer);
        break;
      case 'found':
        sinks.found(effect.id, effect.finding);
        break;
      case 'commanded':
        sinks.commanded(effect.id, effect.answer);
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
}
