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

/** A lifetime that the mutated machine does not come through and the machine as it is does. */
export interface Catch {
  /** Of a crash, the first seed of the threads' last batches. */
  readonly seed: number;
  /** Id of the invariant, or `crash`. */
  readonly invariant: string;
  readonly message: string;
}

export interface HuntReport {
  readonly mutation: Mutation;
  /** The first lifetime that breaks one of the expected invariants; null: none did. */
  readonly caught: Catch | null;
  /** The first that breaks another: a finding, but not this mutation's. */
  readonly stray: Catch | null;
  /** Lifetimes run, up to the one that caught it. */
  readonly lifetimes: number;
  readonly ms: number;
}

/** Few lifetimes at a time: most mutations are caught within the first of them. */
const batchLifetimes = 4;

/** What the catch is called when the machine did something that the simulator itself cannot carry out. */
const crash = 'crash';

/**
 * Runs lifetimes of the mutated machine until one breaks an invariant that the mutation is expected to break, and that
 * the machine as it is keeps under the same seed. Which seed that is depends on nothing but the first one.
 */
export async function hunt(mutation: Mutation, options: HuntOptions): Promise<HuntReport> {
  const { first, seedsMax, msMax } = options;
  const begun = Date.now();
  const bundle = await bundleWorker(mutation.patches);
  const bounds = { ...options, bundle, until: begun + msMax };
  let run = 0;
  let stray: Catch | null = null;
  const report = (caught: Catch | null): HuntReport => {
    const lifetimes = caught === null ? run : caught.seed - first + 1;
    return { mutation, caught, stray, lifetimes, ms: Date.now() - begun };
  };
  try {
    while (run < seedsMax && Date.now() < bounds.until) {
      const ran = await runLifetimes({ ...bounds, first: first + run, seedsMax: seedsMax - run });
      run += ran.lifetimes;
      for (const found of await ownFailures(ran.failures, options)) {
        if (isExpected(mutation, found)) return report(found);
        stray ??= found;
      }
      stray ??= ran.crashed;
      // The same lifetimes would end the threads again.
      if (ran.crashed !== null) break;
    }
    return report(null);
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
async function runLifetimes({ bundle, workers, first, seedsMax, until }: Run): Promise<RunReport> {
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

/** Failures that are the mutation's doing, by seed: the machine as it is comes through the same lifetimes. */
async function ownFailures(failures: readonly Failure[], options: HuntOptions): Promise<Catch[]> {
  const own: Catch[] = [];
  for (const { report } of [...failures].sort((a, b) => a.report.seed - b.report.seed)) {
    const { violation, seed } = report;
    if (violation === null) continue;
    const alone = { bundle: options.plain, workers: 1, first: seed, seedsMax: 1 };
    const plain = await runLifetimes({ ...alone, until: Number.POSITIVE_INFINITY });
    if (plain.failures.length > 0 || plain.crashed !== null) continue;
    own.push({ seed, invariant: violation.invariant, message: violation.message });
  }
  return own;
}

/** Whether the catch is one of the invariants that the mutation was written to break. */
function isExpected({ expected }: Mutation, { invariant }: Catch): boolean {
  return expected.some((id) => id === invariant);
}
