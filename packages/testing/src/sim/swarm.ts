/** Many lifetimes, one after the other, and what they came to together. */
import { StarlingNode } from '@starling/core/node/node.ts';
import type { FaultKind } from './fault-kinds.ts';
import { type LifetimeSetup, runLifetime } from './lifetime.ts';
import { drawOptions } from './options.ts';
import type { MachineFactory } from './process-parts.ts';
import { emptyTotals, type Failure, type SwarmTotals } from './totals.ts';

/** The real machine. */
export const realMachine: MachineFactory = (options, boot, random) => new StarlingNode(options, boot, random);

export interface SwarmPlan {
  readonly first: number;
  readonly count: number;
  /** Of how many lifetimes one is run twice, to compare the traces (I30); 0 for none. */
  readonly rerunEvery: number;
}

/** Runs the seeds from `first` on. A failure does not end the batch. */
export function runBatch({ first, count, rerunEvery }: SwarmPlan): SwarmTotals {
  const totals = emptyTotals();
  for (let seed = first; seed < first + count; seed++) {
    const rerun = rerunEvery > 0 && seed % rerunEvery === 0;
    note(totals, runSeed(seed), rerun);
  }
  return totals;
}

/** One lifetime from its seed alone. */
export function runSeed(seed: number, setup: Partial<LifetimeSetup> = {}): Failure {
  const options = drawOptions(seed);
  return { options, report: runLifetime(options, { make: realMachine, ...setup }) };
}

function note(totals: SwarmTotals, outcome: Failure, rerun: boolean): void {
  const { report } = outcome;
  totals.lifetimes++;
  totals.events += report.events;
  totals.virtualMs += report.virtualMs;
  totals.acknowledged += report.writes.ok;
  totals.failed += report.writes.failed;
  totals.unknown += report.writes.unknown;
  totals.reads += report.reads;
  for (const kind of Object.keys(report.struck) as FaultKind[])
    totals.faults[kind] = (totals.faults[kind] ?? 0) + 1;
  for (const marker of report.markers) totals.markers[marker] = (totals.markers[marker] ?? 0) + 1;
  if (report.violation !== null) totals.failures.push(outcome);
  if (rerun) compare(totals, outcome);
}

/** I30: the same seed gives the same trace. */
function compare(totals: SwarmTotals, { options, report }: Failure): void {
  totals.rerun++;
  const again = runSeed(options.seed).report;
  if (again.traceHash === report.traceHash) return;
  const message = `a rerun gave trace ${again.traceHash}, not ${report.traceHash}`;
  totals.failures.push({
    options,
    report: { ...again, violation: { invariant: 'I30', message, exhibit: '' } },
  });
}
