/**
 * Swarm options: what one seed's lifetime is like. Each class of fault is off in about half of the seeds, so that
 * some lifetimes show one thing much and others a little of everything (Groce et al., "Swarm testing", ISSTA 2012;
 * TigerBeetle's VOPR). The whole set is printed before a run and stored with every failure.
 */
import type { Tuning } from '@starling/core/node/options.ts';
import { type ClockFaults, honestClocks } from './clock.ts';
import { type FaultKind, faultKinds } from './fault-kinds.ts';
import { type Focus, focused } from './focus.ts';
import type { LinkProfile } from './network.ts';
import { Prng } from './prng.ts';
import type { Pace } from './process-parts.ts';

export interface WorkloadOptions {
  readonly clients: number;
  /** Keys written and read as plain registers at quorum: their histories must be linearizable. */
  readonly registerKeys: number;
  /** Keys written with contexts, fresh, stale and none, at all levels: judged by the causal ghost. */
  readonly causalKeys: number;
  /** Keys under agreement, written mostly on condition: their histories must be linearizable too. */
  readonly agreedKeys: number;
  /** Share of the writes of such keys that have a condition. */
  readonly conditional: number;
  /** Operations of all clients together. */
  readonly operations: number;
  readonly thinkMs: number;
  /** Share of operations that go to one key of each kind. */
  readonly hotKey: number;
  readonly writes: number;
  readonly deletes: number;
  readonly retry: number;
  readonly abandon: number;
  readonly deadlineMs: number;
  /** Share of values padded to several kilobytes, beyond which reads ask for digests. */
  readonly largeValues: number;
  /** Share of the values of causal keys that expire, within about the length of the safety phase. */
  readonly expiring: number;
  /** Share of operations that are several reads and writes sent together, and that list keys page by page. */
  readonly batches: number;
  readonly lists: number;
  /** Share of contexts that come from another client, and that belong to another key and must be refused. */
  readonly sharedContexts: number;
  readonly foreignContexts: number;
}

export interface LifetimeOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly replicas: number;
  readonly zones: number;
  /** The nodes find each other in this lifetime; otherwise they start from directories of an earlier one. */
  readonly coldStart: boolean;
  readonly shuffleTies: boolean;
  /** Every frame and packet passes through the codec, and some are damaged on the way. */
  readonly recode: boolean;
  /** So many nodes, the first ones, run the next release, as far as frames show it; only with `recode`. */
  readonly newer: number;
  readonly spuriousTicks: boolean;
  readonly safetyMs: number;
  readonly link: LinkProfile;
  readonly pace: Pace;
  readonly clocks: ClockFaults;
  readonly tuning: Partial<Tuning>;
  /** How often each fault strikes in the safety phase; absent means never. */
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** The theme of the lifetime, whose options override what was drawn; null: none. */
  readonly focus: Focus | null;
  /** All faults begin within this time of each other; 0: anywhere in the safety phase. */
  readonly burstMs: number;
  readonly workload: WorkloadOptions;
}

/** One network without any fault: what healing restores. */
export const honestLink: LinkProfile = {
  delayFloorMs: 0.2,
  delayMeanMs: 0.5,
  slowTailMs: 0,
  loss: 0,
  duplicate: 0,
};

/** Draws everything from the seed. The same seed gives the same options for ever, until this file changes. */
export function drawOptions(seed: number): LifetimeOptions {
  const random = new Prng(seed, 0x0b7);
  const extras = new Prng(seed, 0xe874a);
  const nodes = random.pick([1, 2, 3, 3, 3, 3, 3, 4, 5, 5]);
  const replicas = random.chance(0.7) ? 3 : random.between(1, 5);
  const drawn: LifetimeOptions = {
    seed,
    nodes,
    replicas,
    zones: random.chance(0.6) ? 1 : random.between(1, 3),
    coldStart: random.chance(0.1),
    shuffleTies: random.chance(0.5),
    recode: random.below(8) === 0,
    newer: drawNewer(new Prng(seed, 0x0e3e), nodes),
    spuriousTicks: random.chance(0.2),
    safetyMs: random.between(4000, 20_000),
    link: drawLink(random),
    pace: drawPace(random),
    clocks: random.chance(0.5) ? drawClocks(random) : honestClocks,
    tuning: {
      ...drawTuning(random),
      ...drawEnds(new Prng(seed, 0xe4d5)),
      ...drawCompares(new Prng(seed, 0x7ee5)),
    },
    faults: drawFaults(random),
    focus: null,
    burstMs: 0,
    workload: { ...drawWorkload(random), ...drawExtras(extras), ...drawAgreed(new Prng(seed, 0xca5)) },
  };
  const options = focused(drawn, new Prng(seed, 0xf0c05));
  const faults = { ...options.faults, ...drawRingOperations(new Prng(seed, 0x70b0)) };
  return { ...options, faults };
}

/** Half of the clusters are being upgraded, and some have just been. */
function drawNewer(random: Prng, nodes: number): number {
  return random.chance(0.5) ? random.between(1, nodes) : 0;
}

function drawLink(random: Prng): LinkProfile {
  const lossy = random.chance(0.5);
  const slow = random.chance(0.3);
  return {
    delayFloorMs: slow ? random.real(1, 30) : random.real(0.05, 1),
    delayMeanMs: slow ? random.real(1, 100) : random.real(0.1, 3),
    slowTailMs: random.chance(0.3) ? random.real(50, 1000) : 0,
    loss: lossy ? random.real(0, 0.3) : 0,
    duplicate: random.chance(0.5) ? random.real(0, 0.3) : 0,
  };
}

function drawPace(random: Prng): Pace {
  return {
    syncFloorMs: random.real(0.05, 2),
    syncMeanMs: random.chance(0.3) ? random.real(5, 60) : random.real(0.1, 3),
    readMeanMs: random.chance(0.3) ? random.real(1, 20) : random.real(0.02, 0.5),
    bootMs: random.real(20, 500),
  };
}

const yearMs = 31_557_600_000;

function drawClocks(random: Prng): ClockFaults {
  const wild = random.below(8) === 0;
  return {
    offsetMsMax: wild ? 10 * yearMs : random.real(0, 5000),
    driftMax: random.real(0, 0.01),
    jumps: random.chance(0.5) ? random.between(1, 6) : 0,
    jumpMsMax: wild ? yearMs : random.real(10, 120_000),
  };
}

/** BUGGIFY for bounds: legal values so small that each is reached in a lifetime. */
function drawTuning(random: Prng): Partial<Tuning> {
  const tuning: { -readonly [Name in keyof Tuning]?: number } = {};
  if (random.chance(0.2)) tuning.requestsInFlightMax = random.between(1, 8);
  if (random.chance(0.3)) tuning.lingeringWritesMax = random.between(0, 4);
  if (random.chance(0.5)) tuning.cacheBytesMax = random.pick([0, 1000, 5000]);
  if (random.chance(0.3)) tuning.hintsPerTargetMax = random.between(0, 4);
  return tuning;
}

/** Values with an end live for seconds here: they are dropped seconds after. */
function drawEnds(random: Prng): Pick<Tuning, 'expiryGraceMs' | 'expirySweepMs'> {
  return { expiryGraceMs: random.pick([0, 500, 3000]), expirySweepMs: random.between(200, 1000) };
}

/** Drawn apart from the others, so that seeds of before there were any still give what they gave. */
const ringOperations: readonly FaultKind[] = ['operator.drain', 'operator.interfere', 'operator.change'];

function drawRingOperations(random: Prng): Partial<Record<FaultKind, number>> {
  if (!random.chance(0.3)) return {};
  const asked = { 'operator.drain': random.between(1, 3) };
  const interfered = random.chance(0.5) ? { 'operator.interfere': random.between(1, 3) } : {};
  const changed = random.chance(0.5) ? { 'operator.change': random.between(1, 3) } : {};
  return { ...asked, ...interfered, ...changed };
}

/** Lifetimes are short: replicas compare as often as they can be made to. */
function drawCompares(random: Prng): Partial<Tuning> {
  return {
    compareEveryMs: random.between(200, 2000),
    comparePauseMs: random.between(1, 300),
    treeAuditEveryMs: random.between(1000, 10_000),
    treeAuditPauseMs: random.between(20, 500),
  };
}

function drawFaults(random: Prng): Partial<Record<FaultKind, number>> {
  const faults: Partial<Record<FaultKind, number>> = {};
  for (const kind of faultKinds) {
    if (ringOperations.includes(kind)) continue;
    if (random.chance(0.5)) continue;
    const count = random.chance(0.5) ? 1 : random.between(0, 3);
    if (count > 0) faults[kind] = count;
  }
  return random.below(10) === 0 ? {} : faults;
}

type Agreed = 'agreedKeys' | 'conditional';
type Extras = 'expiring' | 'batches' | 'lists' | 'sharedContexts' | 'foreignContexts';

function drawWorkload(random: Prng): Omit<WorkloadOptions, Extras | Agreed> {
  const registers = random.chance(0.8);
  const causal = !registers || random.chance(0.7);
  return {
    clients: random.between(1, 8),
    registerKeys: registers ? random.between(1, 6) : 0,
    causalKeys: causal ? random.between(1, 6) : 0,
    operations: random.between(40, 240),
    thinkMs: random.real(1, 300),
    hotKey: random.chance(0.5) ? random.real(0, 0.9) : 0,
    writes: random.real(0.2, 0.8),
    deletes: random.chance(0.6) ? random.real(0, 0.4) : 0,
    retry: random.chance(0.6) ? random.real(0, 1) : 0,
    abandon: random.chance(0.3) ? random.real(0, 0.2) : 0,
    deadlineMs: random.chance(0.3) ? random.between(50, 1000) : 3000,
    largeValues: random.chance(0.2) ? random.real(0, 0.2) : 0,
  };
}

/** Keys that are agreed on are there in a part of the lifetimes only: most clusters have none. */
function drawAgreed(random: Prng): Pick<WorkloadOptions, Agreed> & Partial<WorkloadOptions> {
  if (!random.chance(0.3)) return { agreedKeys: 0, conditional: 0 };
  const agreed = { agreedKeys: random.between(1, 3), conditional: random.real(0.1, 1) };
  if (random.chance(0.5)) return agreed;
  // A crowd at one key: what ballots are for.
  return {
    ...agreed,
    agreedKeys: 1,
    clients: random.between(3, 8),
    thinkMs: random.real(1, 40),
    writes: random.real(0.4, 0.8),
  };
}

function drawExtras(random: Prng): Pick<WorkloadOptions, Extras> {
  const share = (of: number, max: number) => (random.chance(of) ? random.real(0, max) : 0);
  return {
    expiring: share(0.4, 0.6),
    batches: share(0.3, 0.3),
    lists: share(0.4, 0.15),
    sharedContexts: share(0.3, 0.5),
    foreignContexts: share(0.2, 0.1),
  };
}
