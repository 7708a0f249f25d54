/**
 * `pnpm sim:mutations [--only NAME] [--seconds S]`: puts each known bug back, runs the swarm against it and prints how
 * many lifetimes and seconds it took to catch it. Exits with 1 if one got away.
 */
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { type Mutation, mutations } from '../mutations/mutations.ts';
import type { SwarmTotals } from '../sim/totals.ts';
import { bundleWorker } from './bundle.ts';
import { runPool } from './pool.ts';

/** Small batches: a bug is mostly caught within a few lifetimes. */
const batchLifetimes = 4;
/** Time one mutation gets to be caught, in seconds. */
const secondsMax = 60;

interface Row {
  readonly name: string;
  readonly caughtBy: string | null;
  readonly seed: number | null;
  readonly lifetimes: number;
  readonly seconds: number;
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string' },
    workers: { type: 'string' },
    from: { type: 'string', default: '1' },
  },
});

async function main(): Promise<number> {
  const chosen = mutations.filter(({ name }) => values.only === undefined || name.includes(values.only));
  const rows: Row[] = [];
  process.stdout.write(`${headLine}\n`);
  for (const mutation of chosen) {
    const row = await hunt(mutation);
    rows.push(row);
    process.stdout.write(`${rowLine(row)}\n`);
  }
  const caught = rows.filter((row) => row.caughtBy !== null);
  const seconds = caught.map((row) => row.seconds).sort((a, b) => a - b);
  const median = seconds[seconds.length >> 1] ?? 0;
  process.stdout.write(`${caught.length} of ${rows.length} caught, median ${median.toFixed(1)} s\n`);
  return caught.length === rows.length ? 0 : 1;
}

async function hunt({ name, patches }: Mutation): Promise<Row> {
  const bundle = await bundleWorker(patches);
  const begun = Date.now();
  const until = begun + Number(values.seconds ?? secondsMax) * 1000;
  try {
    const totals = await runPool({
      bundle,
      workers: Number(values.workers ?? availableParallelism()),
      first: Number(values.from),
      batch: batchLifetimes,
      rerunEvery: 0,
      enough: (soFar) => soFar.failures.length > 0 || Date.now() >= until,
    });
    return { name, ...verdict(totals), seconds: (Date.now() - begun) / 1000 };
  } finally {
    await rm(dirname(bundle), { recursive: true });
  }
}

/** The lowest seed that caught it: which worker came first is chance. */
function verdict(totals: SwarmTotals): Omit<Row, 'name' | 'seconds'> {
  const [first] = totals.failures.sort((a, b) => a.options.seed - b.options.seed);
  return {
    caughtBy: first?.report.violation?.invariant ?? null,
    seed: first?.options.seed ?? null,
    lifetimes: totals.lifetimes,
  };
}

const headLine = `${'mutation'.padEnd(44)} ${'caught by'.padEnd(10)} ${'seed'.padStart(6)} ${'lifetimes'.padStart(9)} ${'seconds'.padStart(8)}`;

function rowLine({ name, caughtBy, seed, lifetimes, seconds }: Row): string {
  const where = seed === null ? '' : `${seed}`;
  return `${name.padEnd(44)} ${(caughtBy ?? 'NOT CAUGHT').padEnd(10)} ${where.padStart(6)} ${String(lifetimes).padStart(9)} ${seconds.toFixed(1).padStart(8)}`;
}

process.exitCode = await main();
