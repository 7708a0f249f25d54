import type { Address } from '@starling/core/base/ids.ts';
import type { MemberStatus } from '@starling/core/membership/packet.ts';
import { keyRef } from '@starling/core/ring/key.ts';
import type { Ring } from '@starling/core/ring/ring.ts';
import type { CheckContext, Checker } from '../checkers/checker.ts';
import { UniqueDots } from '../checkers/i06-unique-dots.ts';
import { findDivergence } from '../checkers/i11-convergence.ts';
import { RingAgreement } from '../checkers/i20-ring-agreement.ts';
import { Markers } from '../checkers/markers.ts';
import { CausalGhost } from '../ghost/causal-ghost.ts';
import { isFormed } from '../sim/at-rest.ts';
import { calmOptions, foundingImages } from '../sim/founding.ts';
import type { LifetimeOptions } from '../sim/options.ts';
import type { SimProcess } from '../sim/process.ts';
import { realMachine } from '../sim/swarm.ts';
import { addressAt, World } from '../sim/world.ts';
import { Ledger } from '../workload/ledger.ts';
import { NodeView, table } from './node-view.ts';
import { Story } from './story.ts';

/** What a scenario may set otherwise. */
export interface StageOptions {
  /** N; the cluster has at least as many nodes where a scenario says nothing. */
  readonly replicas?: number;
  readonly tuning?: LifetimeOptions['tuning'];
  readonly pace?: Partial<LifetimeOptions['pace']>;
}

/** What one node came to believe of another. */
export interface Verdict {
  readonly by: string;
  readonly of: string;
  readonly status: MemberStatus;
}

/** How long a cluster may take for what it does by itself, in virtual ms. */
export const patienceMs = 120_000;
/** How often a condition is looked at, in virtual ms. */
const lookMs = 5;

/** A world in which nothing goes wrong by itself. */
export function calmWorld(nodes: number, { replicas = 3, tuning = {}, pace = {} }: StageOptions): World {
  const calm = calmOptions(nodes, replicas, 1);
  const options = { ...calm, coldStart: false, tuning, pace: { ...calm.pace, ...pace } };
  return new World({ options, make: realMachine });
}

/** A cluster without faults, virtual time, and the laws that hold at every step of any story. */
export class Stage {
  protected readonly world: World;
  protected readonly story: Story;
  protected readonly ghost: CausalGhost;
  readonly #verdicts: Verdict[] = [];

  protected constructor(world: World) {
    this.world = world;
    this.story = new Story(() => world.now);
    this.ghost = new CausalGhost(new Ledger());
  }

  /** Starts the nodes of a new world from founded directories, under the laws of every story. */
  protected raise(): this {
    const { nodes, replicas, zones } = this.world.options;
    this.#watch();
    this.world.images = foundingImages({ nodes, replicas, zones }, realMachine);
    for (let index = 0; index < nodes; index++) this.world.addProcess([]).start();
    this.story.expect(
      this.world.runUntil(() => this.#isWhole(), patienceMs, lookMs),
      () => 'the cluster did not form',
    );
    return this;
  }

  get now(): number {
    return this.world.now;
  }

  get names(): string[] {
    return this.world.names;
  }

  node(name: string): NodeView {
    return new NodeView(this.story, this.world.process(name));
  }

  /** Lets virtual time pass. */
  run(forMs: number): this {
    this.world.run(forMs);
    return this;
  }

  /** Lets virtual time pass until `holds`; the story fails if that takes longer than `withinMs`. */
  until(what: string, holds: () => boolean, withinMs = patienceMs): this {
    const held = this.world.runUntil(holds, withinMs, lookMs);
    this.story.expect(held, () => `within ${withinMs} ms it should come about that ${what}`);
    this.story.tell(`${what}`);
    return this;
  }

  /** Until these nodes, or all that were ever started, are normal members of one settled ring. */
  untilNormal(...names: string[]): this {
    const processes = names.length === 0 ? this.started() : names.map((name) => this.world.process(name));
    return this.until(`${processes.map(({ nodeId }) => nodeId).join()} are normal members`, () =>
      isFormed(processes),
    );
  }

  /** Until every running node sees every other alive. */
  untilAcquainted(): this {
    return this.until('every node sees every other alive', () => this.#isAcquainted());
  }

  /** Every change of belief so far, in order. */
  get verdicts(): readonly Verdict[] {
    return this.#verdicts;
  }

  /** Replicas of a key by the newest ring, most preferred first. */
  replicasOf(key: string): string[] {
    return [...this.ring().replicasOf(keyRef(table, key).bucket).current];
  }

  /** The first key `key-…` of which exactly these nodes are the replicas. */
  keyOn(...names: string[]): string {
    const wanted = [...names].sort().join();
    for (let number = 0; number < 10_000; number++) {
      const key = `key-${number}`;
      if (this.replicasOf(key).sort().join() === wanted) return key;
    }
    return this.story.fail(`no key has its replicas on ${wanted}`);
  }

  /** With nobody's help, and within `withinMs`, all replicas of every key come to hold the same bytes. */
  expectConverged(withinMs = patienceMs): this {
    const context = { world: this.world, ghost: this.ghost };
    const converged = this.world.runUntil(() => findDivergence(context) === null, withinMs, 100);
    this.story.expect(converged, () => `after ${withinMs} ms: ${findDivergence(context)}`);
    this.story.tell('all replicas of every key are equal');
    return this;
  }

  /** The newest ring that any running node has. */
  protected ring(): Ring {
    const rings = this.world.processes.flatMap(({ machine }) => machine?.ring() ?? []);
    const newest = rings.sort((a, b) => b.epoch - a.epoch)[0];
    return newest ?? this.story.fail('no node has a ring');
  }

  protected started(): SimProcess[] {
    return this.world.processes.filter(({ boots, state }) => boots > 0 || state === 'starting');
  }

  protected addresses(): Address[] {
    return this.world.processes.map((_, index) => addressAt(index));
  }

  /** Whatever the story does: no dot names two writes, and no epoch of the ring has two contents. */
  #watch(): void {
    const context: CheckContext = {
      world: this.world,
      ghost: this.ghost,
      ledger: new Ledger(),
      markers: new Markers(),
    };
    const laws: Checker[] = [new UniqueDots(context), new RingAgreement(context)];
    this.world.observe(this.ghost, ...laws, {
      event: ({ nodeId }, event) => {
        if (event.type === 'member')
          this.#verdicts.push({ by: nodeId, of: event.nodeId, status: event.status });
      },
    });
    this.ghost.listen(...laws);
  }

  #isWhole(): boolean {
    return isFormed(this.world.processes) && this.#isAcquainted();
  }

  #isAcquainted(): boolean {
    const running = this.world.processes.filter(({ machine }) => machine !== null);
    return running.every(({ machine }) => {
      const alive = machine?.members().filter(({ status }) => status === 'alive') ?? [];
      return running.every(({ nodeId }) => alive.some((member) => member.nodeId === nodeId));
    });
  }
}
