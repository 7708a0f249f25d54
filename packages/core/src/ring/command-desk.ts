import type { MonoMs } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { Timer, Timers } from '../base/timers.ts';
import { ruleOn } from './operation-list.ts';
import type { Ring } from './ring.ts';
import type { RingCommand, RingOperation, RingRefusal } from './ring-operation.ts';

/** A command is asked of an owner again this often, in ms, until it is granted or refused. */
const askAgainMs = 400;

/** What becomes of a command. `undecided`: nobody has said by its deadline; a ring may grant it still. */
export type CommandAnswer =
  | { readonly kind: 'granted'; readonly operation: RingOperation; readonly ring: Ring }
  | { readonly kind: 'refused'; readonly refusal: RingRefusal }
  | { readonly kind: 'undecided' };

export interface DeskHost {
  readonly timers: Timers;
  ring(): Ring | null;
  /** Sends the command to an owner of the ring; which one may differ each time. */
  ask(command: RingCommand): void;
}

interface Pending {
  readonly command: RingCommand;
  readonly again: Timer;
  readonly deadline: Timer;
  readonly then: (answer: CommandAnswer) => void;
}

/**
 * Commands that were given to this node. They are asked of owners again and again, which is safe because each carries the
 * id of the operation it concerns; what counts is what a ring in force says, not what anybody answers.
 */
export class CommandDesk {
  readonly #host: DeskHost;
  readonly #pending = new Set<Pending>();

  constructor(host: DeskHost) {
    this.#host = host;
  }

  /** No command waits for an answer. */
  get isEmpty(): boolean {
    return this.#pending.size === 0;
  }

  run(command: RingCommand, deadlineAt: MonoMs, then: (answer: CommandAnswer) => void): void {
    if (this.#pending.size >= limits.ringCommandsMax) return then({ kind: 'refused', refusal: 'queueFull' });
    const { timers } = this.#host;
    const pending: Pending = {
      command,
      then,
      again: timers.every(askAgainMs, 0, () => this.#host.ask(command)),
      deadline: timers.after(deadlineAt - timers.now, () => this.#end(pending, { kind: 'undecided' })),
    };
    this.#pending.add(pending);
    this.#look(pending);
  }

  /** A ring has come into force: it may grant what was asked. */
  ringChanged(): void {
    for (const pending of [...this.#pending]) this.#look(pending);
  }

  refused(id: string, kind: RingCommand['kind'], refusal: RingRefusal): void {
    // An owner that has been away may not have heard of it yet: another is asked, or the same one later.
    if (refusal === 'unknownOperation' && this.#lists(id)) return;
    for (const pending of [...this.#pending]) {
      if (pending.command.id === id && pending.command.kind === kind)
        this.#end(pending, { kind: 'refused', refusal });
    }
  }

  #lists(id: string): boolean {
    return this.#host.ring()?.doc.operations.some((operation) => operation.id === id) ?? false;
  }

  #look(pending: Pending): void {
    const ring = this.#host.ring();
    const ruling = ring === null ? null : ruleOn(ring.doc, pending.command);
    if (ring === null || ruling?.type !== 'granted') return;
    this.#end(pending, { kind: 'granted', operation: ruling.operation, ring });
  }

  #end(pending: Pending, answer: CommandAnswer): void {
    if (!this.#pending.delete(pending)) return;
    pending.again.cancel();
    pending.deadline.cancel();
    pending.then(answer);
  }
}
