import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bundleWorker } from '../cli/bundle.ts';
import { runPool } from '../cli/pool.ts';
import type { Failure, SwarmTotals } from '../sim/totals.ts';
import type { Mutation } from './mutation.ts';

export interface HuntOptions {
  /** The bundle without any patch: a seed on which it fails too says nothing about a mutation. */
  readonly plain: string;
  readonly workers: number;
  readonly first: number;
  /** Bounds of one mutation's hunt: whichever is reached first ends it. */
  readonly seedsMax: number;
  readonly msMax: number;
}

export interface Catch {
  /** Of a crash, the first seed of the threads' last batches. */
  readonly seed: number;
  /** Id of the invariant, or `crash`. */
  readonly invariant: string;
  readonly message: string;
}

export interface HuntReport {
  readonly mutation: Mutation;
  /** null: the mutation escaped. */
  readonly caught: Catch | null;
  /** Lifetimes run. */
  readonly seeds: number;
  readonly ms: number;
}

/** Few lifetimes at a time: most mutations are caught within the first of them. */
const batchLifetimes = 4;

/** What the catch is called when the machine did something that the simulator itself cannot carry out. */
const crash = 'crash';

/** Runs lifetimes of the mutated machine until one fails that the machine as it is comes through. */
export async function hunt(mutation: Mutation, options: HuntOptions): Promise<HuntReport> {
  const { first, seedsMax, msMax } = options;
  const begun = Date.now();
  const bundle = await bundleWorker(mutation.patches);
  const bounds = { ...options, bundle, until: begun + msMax };
  try {
    let seeds = 0;
    let caught: Catch | null = null;
    while (caught === null && seeds < seedsMax && Date.now() < bounds.until) {
      const ran = await run({ ...bounds, first: first + seeds, seedsMax: seedsMax - seeds });
      seeds += ran.lifetimes;
      caught = ran.crashed ?? (await firstOwnFailure(ran.failures, options));
    }
    return { mutation, caught, seeds, ms: Date.now() - begun };
  } finally {
    await rm(dirname(bundle), { recursive: true });
  }
}

interface Run {
  readonly bundle: string;
  readonly workers: number;
  readonly first: number;
  readonly seedsMax: number;
  /** Wall time after which no more lifetimes begin. */
  readonly until: number;
}

interface RunReport {
  readonly lifetimes: number;
  readonly failures: readonly Failure[];
  readonly crashed: Catch | null;
}

/** Runs lifetimes until one fails or a bound is reached. */
async function run({ bundle, workers, first, seedsMax, until }: Run): Promise<RunReport> {
  let lifetimes = 0;
  let over = false;
  const enough = (totals: SwarmTotals, handedOut: number): boolean => {
    ({ lifetimes } = totals);
    return over || totals.failures.length > 0 || handedOut >= seedsMax || Date.now() >= until;
  };
  try {
    const batch = Math.min(batchLifetimes, seedsMax);
    const totals = await runPool({ bundle, workers, first, batch, rerunEvery: 0, enough });
    return { lifetimes: totals.lifetimes, failures: totals.failures, crashed: null };
  } catch (cause) {
    // The threads that are left end with the lifetimes they have.
    over = true;
    const message = cause instanceof Error ? cause.message : String(cause);
    return { lifetimes, failures: [], crashed: { seed: first + lifetimes, invariant: crash, message } };
  }
}

/** The first failure that is the mutation's doing: the machine as it is comes through the same lifetime. */
async function firstOwnFailure(failures: readonly Failure[], options: HuntOptions): Promise<Catch | null> {
  for (const { report } of [...failures].sort((a, b) => a.report.seed - b.report.seed)) {
    const { violation, seed } = report;
    if (violation === null) continue;
    const alone = { bundle: options.plain, workers: 1, first: seed, seedsMax: 1 };
    const plain = await run({ ...alone, until: Number.POSITIVE_INFINITY });
    if (plain.failures.length > 0 || plain.crashed !== null) continue;
    return { seed, invariant: violation.invariant, message: violation.message };
  }
  return null;
}

/** Whether the catch is one of the invariants that the mutation was written to break. */
export function isExpected({ expected }: Mutation, { invariant }: Catch): boolean {
  return expected.some((id) => id === invariant);
}
