/** The operator who changes the ring while everything else goes wrong. */
import type { RingAim, RingCommand, RingOperation } from '@starling/core/ring/ring-operation.ts';
import { mayBegin } from './budget.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Prng } from './prng.ts';
import type { SimProcess } from './process.ts';
import type { World } from './world.ts';

/** How long an operator waits for an answer, in virtual ms. */
const patienceMs = 8000;
/** How often an operation that stands still when faults are over is asked to go on, in virtual ms, and how often at most. */
const resumeEveryMs = 500;
const resumesMax = 200;

/** The operator says where the cluster is, as it is now. */
export function showTheOthers({ processes }: World, newcomer: SimProcess): void {
  const others = processes.filter((process) => process.boots > 0 && process !== newcomer);
  newcomer.options = { ...newcomer.options, seeds: others.map((process) => process.options.address) };
}

export class Operator {
  readonly #world: World;
  #asked = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** What an operator does of that kind; false if there is nothing to do it to. */
  strike(kind: FaultKind, random: Prng): boolean {
    if (kind === 'operator.drain') return this.#drain(random);
    if (kind === 'operator.interfere') return this.#interfere(random);
    if (kind === 'operator.change') return this.#change(random);
    return this.#join();
  }

  #join(): boolean {
    const waiting = this.#world.processes.find((process) => process.boots === 0 && process.state === 'down');
    if (waiting === undefined) return false;
    showTheOthers(this.#world, waiting);
    waiting.start();
    return true;
  }

  /** Asks any running node to drain any member. */
  #drain(random: Prng): boolean {
    const members = this.#newestRing()?.doc.members ?? [];
    if (members.length < 2) return false;
    const { nodeId } = random.pick(members);
    return this.#begin(random, { kind: 'drain', nodeId });
  }

  /** Pauses, resumes or aborts an operation, or calls a node back that has left. */
  #interfere(random: Prng): boolean {
    const left = this.#up().filter(({ machine }) => machine?.state === 'left');
    if (left.length > 0 && random.chance(0.5)) {
      random.pick(left).deliver({ type: 'rejoin' });
      return true;
    }
    const open = this.#open();
    if (open.length === 0) return false;
    const { id } = random.pick(open);
    return this.#command(random.pick(this.#up()), {
      kind: random.pick(['pause', 'resume', 'abort'] as const),
      id,
    });
  }

  /** Faults are over: what was left standing goes on. */
  resumeAll(left = resumesMax): void {
    const paused = this.#open().filter(({ state }) => state === 'paused');
    const up = this.#up();
    for (const { id } of paused) for (const process of up) this.#command(process, { kind: 'resume', id });
    if (left > 0) this.#world.scheduler.after(resumeEveryMs, () => this.resumeAll(left - 1));
  }

  /** Asks for any other change: a member removed, replaced, given another weight or zone, or another N. */
  #change(random: Prng): boolean {
    const members = this.#newestRing()?.doc.members ?? [];
    if (members.length === 0) return false;
    const { nodeId, zone } = random.pick(members);
    const left = this.#up().filter(({ machine }) => machine?.state === 'left');
    const aims: RingAim[] = [
      { kind: 'remove', nodeId },
      { kind: 'reshape', nodeId, zone, weight: random.between(1, 3) },
      { kind: 'reshape', nodeId, zone: random.pick(['z0', 'z1']), weight: 1 },
      { kind: 'replicas', replicas: random.between(1, 5) },
    ];
    if (left.length > 0) aims.push({ kind: 'replace', nodeId, by: random.pick(left).nodeId, zone });
    return this.#begin(random, random.pick(aims));
  }

  #begin(random: Prng, aim: RingAim): boolean {
    const up = this.#up();
    if (up.length === 0 || !mayBegin(this.#world, aim)) return false;
    this.#world.aims.push(aim);
    const id = `${aim.kind}-${this.#asked++}`;
    return this.#command(random.pick(up), { kind: 'begin', id, aim, plan: '', force: random.chance(0.7) });
  }

  #command(process: SimProcess | undefined, command: RingCommand): boolean {
    if (process === undefined) return false;
    const deadlineAt = process.clock.mono(this.#world.now) + patienceMs;
    process.deliver({ type: 'command', id: this.#asked++, command, deadlineAt });
    return true;
  }

  #open(): readonly RingOperation[] {
    const operations = this.#newestRing()?.doc.operations ?? [];
    return operations.filter(({ state }) => state === 'queued' || state === 'running' || state === 'paused');
  }

  #newestRing() {
    const rings = this.#world.processes.flatMap(({ machine }) => machine?.ring() ?? []);
    return rings.sort((a, b) => b.epoch - a.epoch)[0] ?? null;
  }

  #up(): SimProcess[] {
    return this.#world.processes.filter(({ state, paused }) => state === 'up' && !paused);
  }
}
