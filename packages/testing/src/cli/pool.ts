import { Worker } from 'node:worker_threads';
import type { SwarmPlan } from '../sim/swarm.ts';
import { addTotals, emptyTotals, type SwarmTotals } from '../sim/totals.ts';

/**
 * Room for new objects in each worker, in MB. Nearly all of a lifetime is garbage by its end: with the default, a
 * quarter of the CPU goes into copying what would have been dead a moment later.
 */
const youngGenerationMb = 192;

export interface PoolOptions {
  /** Path of the bundle the workers load. */
  readonly bundle: string;
  readonly workers: number;
  /** Seed of the first lifetime; those after it follow one by one. */
  readonly first: number;
  /** Lifetimes per message: enough that messages cost nothing, few enough that the end is near. */
  readonly batch: number;
  readonly rerunEvery: number;
  /** Asked before each batch is handed out. */
  readonly enough: (totals: SwarmTotals, handedOut: number) => boolean;
  readonly progress?: (totals: SwarmTotals) => void;
}

/** Runs seeds on several threads until `enough`. Which seeds run depends on nothing but the options; totals are their sum. */
export async function runPool(options: PoolOptions): Promise<SwarmTotals> {
  const totals = emptyTotals();
  let next = options.first;
  const nextPlan = (): SwarmPlan | null => {
    if (options.enough(totals, next - options.first)) return null;
    const plan = { first: next, count: options.batch, rerunEvery: options.rerunEvery };
    next += options.batch;
    return plan;
  };
  await Promise.all(
    Array.from({ length: options.workers }, () =>
      runWorker(options.bundle, nextPlan, (more) => {
        addTotals(totals, more);
        options.progress?.(totals);
      }),
    ),
  );
  return totals;
}

function runWorker(
  bundle: string,
  nextPlan: () => SwarmPlan | null,
  done: (totals: SwarmTotals) => void,
): Promise<void> {
  const worker = new Worker(bundle, { resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb } });
  const finished = new Promise<void>((resolve, reject) => {
    const handOut = () => {
      const plan = nextPlan();
      if (plan === null) resolve();
      else worker.postMessage(plan);
    };
    worker.on('error', reject);
    worker.on('message', (totals: SwarmTotals) => {
      done(totals);
      handOut();
    });
    handOut();
  });
  return finished.finally(() => worker.terminate());
}
