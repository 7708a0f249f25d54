import type { NodeId } from '@starling/core/base/ids.ts';
import type { ClientAnswer } from '@starling/core/coordinator/request.ts';
import type { RowWrite } from '@starling/core/node/effect.ts';
import type { NodeEvent } from '@starling/core/node/event.ts';
import type { Input, ReadRow } from '@starling/core/node/input.ts';
import type { PeerMessage } from '@starling/core/node/messages.ts';
import type { SimProcess } from './process.ts';

/** `killed`: its un-synced writes are the operating system's; `power`: they may be gone; `poisoned`: by a disk error. */
export type DeathCause = 'killed' | 'power' | 'poisoned' | 'stopped';

/** Looks on while a lifetime runs and never changes it. Every hook is optional; what is not there costs nothing. */
export interface Observer {
  /** A machine was made from what the disk held. */
  booted?(process: SimProcess): void;
  /** The process is gone. */
  died?(process: SimProcess, cause: DeathCause): void;
  /** The machine is about to handle this. */
  input?(process: SimProcess, input: Input): void;
  /** A write effect: the rows are on their way to the disk, not yet on it. */
  wrote?(process: SimProcess, seq: number, rows: readonly RowWrite[]): void;
  /** Every write effect up to `seq` is on stable storage; the machine has not been told yet. */
  durable?(process: SimProcess, seq: number): void;
  /** The disk answered a read effect; the machine has not been told yet. */
  readRows?(process: SimProcess, rows: readonly string[], values: readonly ReadRow[]): void;
  sent?(process: SimProcess, to: NodeId, message: PeerMessage): void;
  replied?(process: SimProcess, id: number, answer: ClientAnswer): void;
  event?(process: SimProcess, event: NodeEvent): void;
  /** The step and all its effects are over. */
  stepped?(process: SimProcess): void;
}

type Hook = keyof Observer;

/** Many observers as one: per hook, only those that have it. */
export class Observers {
  readonly #booted: Observer[];
  readonly #died: Observer[];
  readonly #input: Observer[];
  readonly #wrote: Observer[];
  readonly #durable: Observer[];
  readonly #readRows: Observer[];
  readonly #sent: Observer[];
  readonly #replied: Observer[];
  readonly #event: Observer[];
  readonly #stepped: Observer[];

  constructor(all: readonly Observer[]) {
    const having = (hook: Hook) => all.filter((observer) => observer[hook] !== undefined);
    this.#booted = having('booted');
    this.#died = having('died');
    this.#input = having('input');
    this.#wrote = having('wrote');
    this.#durable = having('durable');
    this.#readRows = having('readRows');
    this.#sent = having('sent');
    this.#replied = having('replied');
    this.#event = having('event');
    this.#stepped = having('stepped');
  }

  booted(process: SimProcess): void {
    for (const observer of this.#booted) observer.booted!(process);
  }

  died(process: SimProcess, cause: DeathCause): void {
    for (const observer of this.#died) observer.died!(process, cause);
  }

  input(process: SimProcess, input: Input): void {
    for (const observer of this.#input) observer.input!(process, input);
  }

  wrote(process: SimProcess, seq: number, rows: readonly RowWrite[]): void {
    for (const observer of this.#wrote) observer.wrote!(process, seq, rows);
  }

  durable(process: SimProcess, seq: number): void {
    for (const observer of this.#durable) observer.durable!(process, seq);
  }

  readRows(process: SimProcess, rows: readonly string[], values: readonly ReadRow[]): void {
    for (const observer of this.#readRows) observer.readRows!(process, rows, values);
  }

  sent(process: SimProcess, to: NodeId, message: PeerMessage): void {
    for (const observer of this.#sent) observer.sent!(process, to, message);
  }

  replied(process: SimProcess, id: number, answer: ClientAnswer): void {
    for (const observer of this.#replied) observer.replied!(process, id, answer);
  }

  event(process: SimProcess, event: NodeEvent): void {
    for (const observer of this.#event) observer.event!(process, event);
  }

  stepped(process: SimProcess): void {
    for (const observer of this.#stepped) observer.stepped!(process);
  }
}
