/** A client's way to the nodes: which one it asks, how long it waits, and when it hangs up. */
import type { ClientAnswer } from '@starling/core/coordinator/request.ts';
import type { WorkloadOptions } from '../sim/options.ts';
import type { Prng } from '../sim/prng.ts';
import type { SimProcess } from '../sim/process.ts';
import type { CallEnd, World } from '../sim/world.ts';
import type { Attempt } from './ledger.ts';

/** A client waits this much longer than the deadline it set, in virtual ms, before it gives up without an answer. */
export const clientGraceMs = 500;

/** What a client learns of a call. `timeout`: it stopped waiting, or hung up. */
export type Ending = CallEnd | 'timeout';

/** Where a call goes, and how long it is on its way there, in virtual ms. */
export interface Route {
  readonly process: SimProcess;
  readonly delayMs: number;
}

export class Connection {
  readonly #world: World;
  readonly #random: Prng;
  readonly #options: WorkloadOptions;
  #home: number;

  constructor(world: World, random: Prng, options: WorkloadOptions) {
    this.#world = world;
    this.#random = random;
    this.#options = options;
    this.#home = random.below(16);
  }

  /** Mostly the node this client is used to, sometimes any other. */
  route(): Route {
    const process = this.#pickProcess();
    return { process, delayMs: this.#random.exponential(0.5) };
  }

  /** From now on another node is mostly asked. */
  moveOn(): void {
    this.#home = this.#random.below(16);
  }

  /** One call, slow at times, which breaks with the process at its other end. `done` is called once. */
  call(route: Route, request: Parameters<World['call']>[1], done: (end: Ending) => void): void {
    const world = this.#world;
    const { process, delayMs } = route;
    let over = false;
    const finish = (end: Ending) => {
      if (over) return;
      over = true;
      done(end);
    };
    world.trace.note(world.now, 'call', process.index);
    world.scheduler.after(delayMs, () => {
      const id = world.call(process, request, (end) => {
        world.scheduler.after(this.#random.exponential(0.5), () => finish(end));
      });
      world.scheduler.after(this.#options.deadlineMs + clientGraceMs, () => {
        if (over) return;
        world.forget(process, id);
        finish('timeout');
      });
      if (this.#random.chance(this.#options.abandon)) this.#abandonSoon(process, id, finish);
    });
  }

  #abandonSoon(process: SimProcess, id: number, finish: (end: 'timeout') => void): void {
    this.#world.scheduler.after(this.#random.exponential(5), () => {
      if (this.#world.abandon(process, id)) finish('timeout');
    });
  }

  #pickProcess(): SimProcess {
    const random = this.#random;
    const started = this.#world.processes.filter((process) => process.boots > 0);
    return random.chance(0.7) ? started[this.#home % started.length]! : random.pick(started);
  }
}

export function isAnswer<Kind extends ClientAnswer['kind']>(
  end: Ending,
  kind: Kind,
): end is Extract<ClientAnswer, { kind: Kind }> {
  return typeof end !== 'string' && end.kind === kind;
}

/** A refused connection did nothing; a broken or silent one may have done anything. */
export function outcomeOfEnd(end: Ending): Attempt['outcome'] {
  if (end === 'refused') return 'failed';
  if (typeof end === 'string') return 'unknown';
  return end.kind === 'error' ? end.error.outcome : 'ok';
}
