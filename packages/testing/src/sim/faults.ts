/** The nemesis: strikes with the faults of a plan. Each picks its victims when it strikes; what the budget forbids is skipped. */
import { changedRows, mayLose, mayWipe } from './budget.ts';
import { type FaultKind, faultKinds, withinBudget } from './fault-kinds.ts';
import type { PlannedFault } from './fault-plan.ts';
import { Hands } from './hands.ts';
import { Operator, showTheOthers } from './operator.ts';
import { type Cut, drawPartition, partitionShapes } from './partitions.ts';
import { Prng } from './prng.ts';
import type { SimProcess } from './process.ts';
import { movedAddress, type World } from './world.ts';

type Strike = Omit<PlannedFault, 'at'>;

export class Nemesis {
  /** How often each kind struck in this lifetime. */
  readonly struck: Partial<Record<FaultKind, number>> = {};
  readonly #world: World;
  readonly #hands: Hands;
  readonly #ringOperator: Operator;
  /** Undoes what is still in force. */
  readonly #undo = new Set<() => void>();
  /** Only one node may move in a lifetime: two that moved while apart would never find each other again. */
  #moved: SimProcess | null = null;
  #over = false;

  constructor(world: World) {
    this.#world = world;
    this.#hands = new Hands(world);
    this.#ringOperator = new Operator(world);
  }

  schedule(plan: readonly PlannedFault[]): void {
    for (const fault of plan) {
      this.#world.scheduler.after(fault.at, () => {
        if (this.#over) return;
        if (withinBudget.has(fault.kind))
          this.#world.chronicle?.did('strike', fault.kind, fault.durationMs, fault.draw);
        this.strike(fault);
      });
    }
  }

  /** Strikes now. */
  strike(fault: Strike): void {
    if (this.#strike(fault, new Prng(fault.draw))) this.#note(fault);
  }

  /** Ends every fault: the network whole, disks and clocks honest, every process running. */
  heal(): void {
    this.#over = true;
    for (const undo of [...this.#undo]) undo();
    this.#world.network.heal();
    for (const process of this.#world.processes) {
      process.slowness = 1;
      process.resume();
      if (process.boots > 0) process.start();
    }
    this.#ringOperator.resumeAll();
    this.#world.trace.note(this.#world.now, 'heal', -1);
  }

  #note(fault: Strike): void {
    this.struck[fault.kind] = (this.struck[fault.kind] ?? 0) + 1;
    const code = faultKinds.indexOf(fault.kind);
    this.#world.trace.note(
      this.#world.now,
      'fault',
      -1,
      code,
      Math.round(fault.durationMs),
      () => fault.kind,
    );
  }

  #strike(fault: Strike, random: Prng): boolean {
    const [family] = fault.kind.split('.');
    switch (family) {
      case 'partition':
        return this.#partition(fault, random);
      case 'net':
        return this.#network(fault, random);
      case 'process':
      case 'power':
        return this.#processes(fault, random);
      case 'disk':
        return this.#disk(fault, random);
      case 'clock':
        return this.#clock(fault, random);
      default:
        return this.#ringOperator.strike(fault.kind, random);
    }
  }

  #partition({ kind, durationMs }: Strike, random: Prng): boolean {
    const nodes = this.#started().map((process) => process.index);
    const shape = partitionShapes.find((name) => kind.endsWith(`.${name}`));
    if (nodes.length < 2 || shape === undefined) return false;
    this.#cutFor(drawPartition(random, shape, nodes), durationMs);
    return true;
  }

  #cutFor(cuts: readonly Cut[], durationMs: number): void {
    for (const [from, to] of cuts) this.#hands.cut(from, to);
    this.#undoAfter(durationMs, () => {
      for (const [from, to] of cuts) this.#hands.mend(from, to);
    });
  }

  #network({ kind, durationMs }: Strike, random: Prng): boolean {
    const { options } = this.#world;
    const nodes = this.#started().map((process) => process.index);
    if (nodes.length < 2) return false;
    const [a, b] = random.shuffled(nodes);
    switch (kind) {
      case 'net.clog':
        this.#hands.clog(a!, b!, Math.min(durationMs, 5000));
        return true;
      case 'net.swizzle':
        this.#swizzle(random, nodes, durationMs);
        return true;
      case 'net.lossBurst':
        this.#hands.weather({ ...options.link, loss: random.real(0.3, 0.9) });
        this.#undoAfter(durationMs, () => this.#hands.weather(options.link));
        return true;
      default:
        this.#hands.reset(a!, b!, kind === 'net.halfOpen');
        return true;
    }
  }

  /** FoundationDB's swizzle: nodes are cut off one by one and come back in another order. */
  #swizzle(random: Prng, nodes: readonly number[], durationMs: number): void {
    for (const node of random.shuffled(nodes).slice(0, 1 + random.below(nodes.length))) {
      const others = nodes.filter((other) => other !== node);
      const cuts = others.flatMap((other): Cut[] => [
        [node, other],
        [other, node],
      ]);
      this.#world.scheduler.after(random.real(0, durationMs / 2), () => {
        if (!this.#over) this.#cutFor(cuts, random.real(durationMs / 4, durationMs));
      });
    }
  }

  #processes({ kind, durationMs }: Strike, random: Prng): boolean {
    const up = this.#up();
    if (up.length === 0) return false;
    if (kind === 'power.all') {
      for (const process of up) this.#killFor(process, true, random.real(0, durationMs));
      return true;
    }
    const victim = random.pick(up);
    switch (kind) {
      case 'process.pause':
        this.#hands.pause(victim);
        this.#undoAfter(durationMs, () => this.#hands.resume(victim));
        return true;
      case 'process.restart':
        return this.#restart(victim, durationMs);
      case 'process.rollingRestart':
        return this.#rollingRestart(up, durationMs);
      case 'process.move':
        return this.#move(victim, durationMs);
      case 'process.killInBoot':
        this.#killFor(victim, random.chance(0.5), 0);
        // Once it is up again, kill it in the middle of whatever coming up makes it do.
        this.#world.scheduler.after(this.#world.options.pace.bootMs * 1.5 + random.real(0, 60), () => {
          if (!this.#over) this.#killFor(victim, random.chance(0.5), random.real(0, durationMs));
        });
        return true;
      default:
        this.#killFor(victim, kind.startsWith('power.'), durationMs);
        return true;
    }
  }

  #killFor(process: SimProcess, power: boolean, durationMs: number): void {
    this.#hands.kill(process, power);
    this.#undoAfter(durationMs, () => this.#hands.start(process));
  }

  /** An orderly stop, which may take longer than planned: it comes back once it has stopped. */
  #restart(process: SimProcess, durationMs: number): boolean {
    if (process.paused) return false;
    this.#hands.shutDown(process);
    const life = process.boots;
    const comeBack = () => {
      if (process.state === 'stopped') this.#hands.start(process);
      else if (process.boots === life) this.#world.scheduler.after(100, comeBack);
    };
    this.#undoAfter(durationMs, comeBack);
    return true;
  }

  /** One after the other, as an operator brings a new version out. */
  #rollingRestart(processes: readonly SimProcess[], durationMs: number): boolean {
    processes.forEach((process, at) => {
      this.#world.scheduler.after((at * durationMs) / processes.length, () => {
        if (!this.#over && process.state === 'up') this.#restart(process, durationMs / processes.length / 2);
      });
    });
    return true;
  }

  /**
   * It dies and comes back under another address, where the others must find it, or it them. Not while somebody is still
   * looking for the cluster where this node was.
   */
  #move(victim: SimProcess, durationMs: number): boolean {
    const begun = this.#world.processes.filter(({ boots, state }) => boots > 0 || state === 'starting');
    const allIn = begun.every(({ machine }) => machine?.state === 'normal');
    if (this.#moved !== null || !allIn) return false;
    this.#moved = victim;
    victim.kill(false);
    this.#undoAfter(durationMs / 2, () => victim.start());
    this.#world.moveTo(victim, movedAddress(victim.index));
    return true;
  }

  #disk({ kind, durationMs }: Strike, random: Prng): boolean {
    const up = this.#up();
    if (up.length === 0) return false;
    const victim = random.pick(up);
    switch (kind) {
      case 'disk.slow':
        this.#hands.slow(victim, random.real(10, 200));
        this.#undoAfter(durationMs, () => this.#hands.slow(victim, 1));
        return true;
      case 'disk.error':
        this.#hands.setFailing(victim, true);
        this.#undoAfter(random.chance(0.5) ? random.real(0, 20) : durationMs / 4, () =>
          this.#hands.setFailing(victim, false),
        );
        return true;
      case 'disk.full':
        this.#hands.fill(victim, random.between(0, 20_000));
        this.#undoAfter(durationMs, () => this.#hands.empty(victim));
        return true;
      case 'disk.corruptRow':
        return this.#corrupt(victim, random);
      case 'disk.wipe':
        return this.#wipe(victim, durationMs);
      default:
        return this.#loseHistory(victim, random, durationMs);
    }
  }

  #corrupt(victim: SimProcess, random: Prng): boolean {
    const rows = [...victim.disk.durableRows()].filter((row) => row.startsWith('d/'));
    if (rows.length === 0) return false;
    const row = random.pick(rows);
    return mayLose(this.#world, victim, [row]) && victim.disk.corruptRow(row);
  }

  /** A damaged log: one batch out of its middle is gone, or its end. What the next start would not notice is undone. */
  #loseHistory(victim: SimProcess, random: Prng, durationMs: number): boolean {
    const { disk } = victim;
    victim.kill(true);
    this.#undoAfter(durationMs / 4, () => victim.start());
    const before = disk.snapshot();
    const noticed = random.chance(0.5) ? disk.loseBatch() : disk.loseTail(1 + random.below(8));
    if (noticed && mayLose(this.#world, victim, changedRows(before.rows, disk.snapshot().rows), before)) {
      // It may have forgotten where the others are, and they may not find it.
      showTheOthers(this.#world, victim);
      return true;
    }
    disk.restore(before, 'rolledBack');
    return false;
  }

  /** A new, empty disk under the old name, which is told where the others are. */
  #wipe(victim: SimProcess, durationMs: number): boolean {
    if (!mayWipe(this.#world, victim)) return false;
    victim.kill(true);
    victim.disk.wipe();
    showTheOthers(this.#world, victim);
    this.#undoAfter(durationMs / 4, () => victim.start());
    return true;
  }

  #clock({ kind, durationMs }: Strike, random: Prng): boolean {
    const victim = random.pick(this.#world.processes);
    if (kind === 'clock.freeze') {
      this.#hands.freeze(victim);
      this.#undoAfter(durationMs, () => this.#hands.thaw(victim));
    } else {
      const reach = Math.max(this.#world.options.clocks.jumpMsMax, 1000);
      this.#hands.jump(victim, random.real(-reach, reach));
    }
    return true;
  }

  #undoAfter(durationMs: number, undo: () => void): void {
    const once = () => {
      if (this.#undo.delete(once)) undo();
    };
    this.#undo.add(once);
    this.#world.scheduler.after(durationMs, once);
  }

  #up(): SimProcess[] {
    return this.#world.processes.filter((process) => process.state === 'up');
  }

  #started(): SimProcess[] {
    return this.#world.processes.filter((process) => process.boots > 0);
  }
}
