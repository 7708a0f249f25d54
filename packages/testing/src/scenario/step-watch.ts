import type { Observer } from '../sim/observer.ts';
import type { SimProcess } from '../sim/process.ts';
import type { World } from '../sim/world.ts';

export interface Strike {
  /** The step after which the process dies, before anything else happens. */
  readonly killAt: number;
  /** Its machine loses power as well: what is not synced may be gone. */
  readonly power: boolean;
}

/** Counts the steps of one process from now on, so that a story can strike between any two of them. */
export class StepWatch implements Observer {
  readonly #process: SimProcess;
  readonly #world: World;
  readonly #strike: Strike;
  #steps = 0;

  constructor(world: World, process: SimProcess, strike: Strike) {
    this.#world = world;
    this.#process = process;
    this.#strike = strike;
  }

  get steps(): number {
    return this.#steps;
  }

  stepped(process: SimProcess): void {
    if (process !== this.#process) return;
    this.#steps++;
    const { killAt, power } = this.#strike;
    if (this.#steps === killAt) this.#world.scheduler.after(0, () => process.kill(power));
  }
}
