/**
 * One lifetime of a simulated cluster, from a seed's options to a verdict: warm-up, safety (all faults), heal,
 * liveness (everything must be answered), quiesce (repair must come to rest), audit.
 */
import { allCheckers } from '../checkers/all.ts';
import type { CheckContext, Checker } from '../checkers/checker.ts';
import { findDivergence } from '../checkers/i11-convergence.ts';
import { findDisagreement } from '../checkers/i17-membership-converges.ts';
import { MarkerWatch } from '../checkers/marker-watch.ts';
import { type MarkerName, Markers } from '../checkers/markers.ts';
import { CausalGhost } from '../ghost/causal-ghost.ts';
import { type ClientWatcher, SimClient } from '../workload/client.ts';
import { Ledger, outcomeOf } from '../workload/ledger.ts';
import { probeKeys } from '../workload/probe.ts';
import { Tokens } from '../workload/tokens.ts';
import { describeForming, isFormed, isQuiet } from './at-rest.ts';
import type { Chronicle } from './chronicle.ts';
import type { FaultKind } from './fault-kinds.ts';
import { type PlannedFault, planFaults } from './fault-plan.ts';
import { Nemesis } from './faults.ts';
import { foundingImages } from './founding.ts';
import { honestLink, type LifetimeOptions } from './options.ts';
import type { MachineFactory } from './process-parts.ts';
import type { TracedEvent } from './trace.ts';
import { installTraps } from './traps.ts';
import { Violation } from './violation.ts';
import { addressAt, World } from './world.ts';

/** Virtual time a cluster gets to form, and to answer everything again after the last fault, in ms. */
export const formMs = 120_000;
export const livenessMs = 90_000;
/** Virtual time repair gets to come to rest, in ms. */
export const quiesceMs = 120_000;

/** Of so many lifetimes one is watched while nothing happens, so long: each pair of its nodes is compared in that time. */
const quietOneIn = 16;
const quietMs = 20_000;
/** Comparisons that were under way when the cluster came to rest are over after this, in ms. */
const quietAfterMs = 3000;

const pollMs = 100;

export interface LifetimeSetup {
  readonly make: MachineFactory;
  /** Faults to strike with instead of those the seed plans. */
  readonly plan?: readonly PlannedFault[];
  readonly listener?: (event: TracedEvent, words: string) => void;
  /** Writes down what is done to the cluster and asked of it. */
  readonly chronicle?: Chronicle;
}

export interface LifetimeReport {
  readonly seed: number;
  readonly violation: {
    readonly invariant: string;
    readonly message: string;
    readonly exhibit: string;
  } | null;
  readonly phase: string;
  readonly traceHash: string;
  readonly events: number;
  readonly virtualMs: number;
  readonly struck: Readonly<Partial<Record<FaultKind, number>>>;
  readonly markers: readonly MarkerName[];
  readonly writes: { readonly ok: number; readonly failed: number; readonly unknown: number };
  readonly reads: number;
  /** The newest events before a violation. */
  readonly tail: readonly TracedEvent[];
  readonly names: readonly string[];
}

/** Runs one lifetime to its end. Deterministic in options and setup. */
export function runLifetime(options: LifetimeOptions, setup: LifetimeSetup): LifetimeReport {
  const lifetime = new Lifetime(options, setup);
  return lifetime.report(() => lifetime.live());
}

/** Somebody whose calls must all be over before a lifetime can be judged. */
export interface Caller {
  readonly idle: boolean;
}

/** The phases of a lifetime. `live` goes through all; a story goes through them itself, and fills the safety phase. */
export class Lifetime {
  readonly #setup: LifetimeSetup;
  readonly world: World;
  readonly ledger = new Ledger();
  readonly #markers = new Markers();
  readonly #ghost = new CausalGhost(this.ledger);
  readonly #checkers: readonly Checker[];
  readonly #watch: MarkerWatch;
  readonly nemesis: Nemesis;
  /** Hears what every client is told. */
  readonly watcher: ClientWatcher;
  #phase = 'warm-up';

  constructor(options: LifetimeOptions, setup: LifetimeSetup) {
    installTraps();
    this.#setup = setup;
    this.world = new World({ options, make: setup.make });
    this.world.trace.listener = setup.listener ?? null;
    const context: CheckContext = {
      world: this.world,
      ledger: this.ledger,
      ghost: this.#ghost,
      markers: this.#markers,
    };
    this.#checkers = allCheckers(context);
    this.#watch = new MarkerWatch(this.#markers, this.world);
    // The ghost comes first among observers: checkers ask it about the step they see.
    this.world.observe(this.#ghost, this.#watch, ...this.#checkers);
    this.#ghost.listen(...this.#checkers);
    this.nemesis = new Nemesis(this.world);
    this.watcher = watcherOf([this.#watch, ...this.#checkers]);
  }

  /** Goes through it and says how it ended. */
  report(live: () => void): LifetimeReport {
    let violation: Violation | null = null;
    try {
      live();
    } catch (cause) {
      // Whatever else the machine made the harness stumble over is a finding too.
      violation = cause instanceof Violation ? cause : new Violation('assert', describeError(cause));
    }
    return this.#report(violation);
  }

  live(): void {
    this.form();
    this.conclude(this.#endure());
  }

  /** Until the cluster stands and faults may begin. */
  form(): void {
    this.#enter('warm-up', () => this.#form());
    this.#enter('safety', () => {
      this.#watch.underFaults = true;
      this.#setup.chronicle?.begin(this.world);
      this.world.chronicle = this.#setup.chronicle ?? null;
    });
  }

  /** The network whole, disks honest, every process started again. */
  endFaults(): void {
    this.#setup.chronicle?.end();
    this.#enter('heal', () => {
      this.#watch.underFaults = false;
      this.nemesis.heal();
      this.world.network.setProfile(honestLink);
    });
  }

  /** From the last fault to the verdict: throws the violation it finds. */
  conclude(callers: readonly Caller[]): void {
    if (this.#phase === 'safety') this.endFaults();
    this.world.run(1000);
    this.#enter('liveness', () => this.#answerAll(callers));
    this.#enter('quiesce', () => this.#comeToRest());
    this.#enter('reads', () => this.#readAll());
    this.#enter('audit', () => this.#audit());
  }

  #enter(phase: string, run: () => void): void {
    this.#phase = phase;
    this.world.trace.note(this.world.now, 'phase', -1, phase.length, 0, () => phase);
    run();
  }

  #form(): void {
    const { options } = this.world;
    if (!options.coldStart) this.world.images = foundingImages(options, this.#setup.make);
    for (let index = 0; index < options.nodes; index++) {
      const seeds = options.coldStart && index > 0 ? [addressAt(0)] : [];
      this.world.addProcess(seeds);
    }
    const joiners = Math.min(options.faults['operator.join'] ?? 0, 2);
    const everyone = Array.from({ length: options.nodes }, (_, index) => addressAt(index));
    for (let joiner = 0; joiner < joiners; joiner++) this.world.addProcess(everyone);
    this.#poll();
    const first = this.world.processes.slice(0, options.nodes);
    for (const process of first) process.start();
    const formed = this.world.runUntil(() => isFormed(first), formMs);
    if (!formed) throw new Violation('I29', `the cluster did not form: ${describeForming(first)}`);
  }

  #poll(): void {
    for (const checker of this.#checkers) checker.poll?.();
    this.world.scheduler.after(pollMs, () => this.#poll());
  }

  #endure(): SimClient[] {
    const { options, random } = this.world;
    this.nemesis.schedule(this.#setup.plan ?? planFaults(options));
    const clients = this.#makeClients();
    const share = Math.ceil(options.workload.operations / clients.length);
    for (const client of clients) client.start(share);
    this.world.run(options.safetyMs * (1 + random.fraction() / 4));
    return clients;
  }

  #makeClients(): SimClient[] {
    const { world, ledger, watcher } = this;
    const { options, random } = world;
    const clusterId = world.processes[0]?.machine?.ring()?.doc.clusterId ?? '';
    const tokens = new Tokens(clusterId);
    return Array.from({ length: options.workload.clients }, (_, index) => {
      const name = `c${index + 1}`;
      const parts = { name, world, ledger, options: options.workload };
      return new SimClient({ ...parts, watcher, tokens, random: random.split(name) });
    });
  }

  /** I29: with every fault gone, everything is answered, on every node and for every key, in bounded time. */
  #answerAll(callers: readonly Caller[]): void {
    const begun = this.world.processes.filter((process) => process.boots > 0);
    const done = this.world.runUntil(() => callers.every(({ idle }) => idle) && isFormed(begun), livenessMs);
    if (!done) {
      const idle = callers.filter((caller) => caller.idle).length;
      throw new Violation(
        'I29',
        `${livenessMs} ms after the last fault ${idle} of ${callers.length} clients are done; ${describeForming(begun)}`,
      );
    }
    this.world.chronicle = null;
  }

  /** I29 again, of every key. Only now: replicas come together without a read. */
  #readAll(): void {
    const begun = this.world.processes.filter((process) => process.boots > 0);
    const failure = probeKeys(this.world, this.ledger, begun, livenessMs);
    if (failure !== null) throw new Violation('I29', failure);
  }

  #comeToRest(): void {
    const { processes } = this.world;
    const context = { world: this.world, ghost: this.#ghost };
    const begun = processes.filter((process) => process.boots > 0);
    this.world.runUntil(
      () =>
        isFormed(begun) &&
        findDivergence(context) === null &&
        findDisagreement(processes) === null &&
        isQuiet(processes),
      quiesceMs,
      500,
    );
    // What is still on its way to a disk gets there; nothing may come apart again meanwhile.
    this.world.run(1000);
    // A value may expire even now. Between two batches every disk holds what its node believes.
    this.world.runUntil(() => processes.every(({ disk }) => !disk.isWriting), quiesceMs, 1);
    for (const checker of this.#checkers) checker.quiesced?.();
    if (this.world.options.seed % quietOneIn === 0) this.#stayQuiet();
  }

  #stayQuiet(): void {
    this.world.run(quietAfterMs);
    for (const checker of this.#checkers) checker.quietBegins?.();
    this.world.run(quietMs);
    for (const checker of this.#checkers) checker.quietEnds?.();
  }

  #audit(): void {
    for (const checker of this.#checkers) checker.audit?.();
  }

  #report(violation: Violation | null): LifetimeReport {
    const outcomes = this.ledger.writes.map(outcomeOf);
    const count = (wanted: string) => outcomes.filter((outcome) => outcome === wanted).length;
    const { trace, scheduler, options, names, now } = this.world;
    return {
      seed: options.seed,
      violation:
        violation === null
          ? null
          : { invariant: violation.invariant, message: violation.message, exhibit: violation.exhibit },
      phase: this.#phase,
      traceHash: trace.hash(),
      events: scheduler.events,
      virtualMs: now,
      struck: this.nemesis.struck,
      markers: [...this.#markers.reached],
      writes: { ok: count('ok'), failed: count('failed'), unknown: count('unknown') + count('pending') },
      reads: this.ledger.reads.length,
      tail: violation === null ? [] : trace.tail(200),
      names,
    };
  }
}

function watcherOf(watchers: readonly Partial<ClientWatcher>[]): ClientWatcher {
  return {
    answeredRead(key, result, seen, read) {
      for (const each of watchers) each.answeredRead?.(key, result, seen, read);
    },
    answeredWrite(entry, result) {
      for (const each of watchers) each.answeredWrite?.(entry, result);
    },
    answeredUnmet(entry) {
      for (const each of watchers) each.answeredUnmet?.(entry);
    },
    answeredList(entry) {
      for (const each of watchers) each.answeredList?.(entry);
    },
    sentBatch() {
      for (const each of watchers) each.sentBatch?.();
    },
    usedContext(whose) {
      for (const each of watchers) each.usedContext?.(whose);
    },
  };
}

function describeError(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
