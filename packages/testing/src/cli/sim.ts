/**
 * `pnpm sim --seed X [--trace] [--shrink]` replays one lifetime; `pnpm sim --minutes M` or `--lifetimes N` runs a swarm
 * of them on all cores, and shrinks the first that fails. Exits with 1 when an invariant is broken.
 */
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import type { SwarmTotals } from '../sim/totals.ts';
import { describeEvent } from '../sim/trace.ts';
import { bundleWorker } from './bundle.ts';
import { runPool } from './pool.ts';
import { shrinkAndTell } from './shrink.ts';
import { failureText, optionsText, totalsText, unreachedMarkers } from './sim-report.ts';
import type * as SimWorker from './sim-worker.ts';

const usage = `pnpm sim --seed X [--trace] [--until MS]     replay one lifetime
pnpm sim --seed X --shrink                   print a failing one as a short scenario
pnpm sim --minutes M | --lifetimes N         run a swarm
  --from SEED      first seed (default: the clock)
  --workers K      threads (default: one per core)
  --smoke          run every lifetime twice and compare
  --keep-going     do not stop at the first failure
  --no-shrink      do not shrink the first failure
  --shrink-tries K, --shrink-seconds S   bounds of a shrinking (default: 3000, 120)
`;

const batchLifetimes = 16;
/** One lifetime in twenty is run twice (FoundationDB's share). */
const rerunEvery = 20;
const progressEveryMs = 5000;

const { values } = parseArgs({
  allowNegative: true,
  options: {
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    until: { type: 'string' },
    minutes: { type: 'string' },
    lifetimes: { type: 'string' },
    from: { type: 'string' },
    workers: { type: 'string' },
    smoke: { type: 'boolean', default: false },
    'keep-going': { type: 'boolean', default: false },
    shrink: { type: 'boolean' },
    'shrink-tries': { type: 'string', default: '3000' },
    'shrink-seconds': { type: 'string', default: '120' },
    help: { type: 'boolean', default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  if (values.help || (values.seed ?? values.minutes ?? values.lifetimes) === undefined) {
    process.stdout.write(usage);
    return values.help ? 0 : 2;
  }
  const bundle = await bundleWorker();
  try {
    return values.seed === undefined ? await swarm(bundle) : await replay(bundle, Number(values.seed));
  } finally {
    await rm(dirname(bundle), { recursive: true });
  }
}

async function replay(bundle: string, seed: number): Promise<number> {
  const { runSeed }: typeof SimWorker = await import(bundle);
  const until = Number(values.until ?? Number.POSITIVE_INFINITY);
  const names: string[] = Array.from({ length: 9 }, (_, index) => `n${index + 1}`);
  const outcome = runSeed(seed, {
    ...(values.trace && {
      listener: (event, words) => {
        if (event.atMs <= until) process.stdout.write(`${describeEvent(event, names)} ${words}\n`);
      },
    }),
  });
  process.stdout.write(optionsText(outcome.options));
  if (outcome.report.violation !== null) {
    process.stdout.write(failureText(outcome));
    if (values.shrink === true) await shrinkAndTell(bundle, seed, shrinkBounds());
    return 1;
  }
  const { events, virtualMs, traceHash } = outcome.report;
  process.stdout.write(
    `seed ${seed}: ${events} events, ${Math.round(virtualMs)} virtual ms, trace ${traceHash}, no invariant broken\n`,
  );
  return 0;
}

async function swarm(bundle: string): Promise<number> {
  const begun = Date.now();
  const first = values.from === undefined ? begun % 1_000_000_000 : Number(values.from);
  const until =
    values.minutes === undefined ? Number.POSITIVE_INFINITY : begun + Number(values.minutes) * 60_000;
  const lifetimes = Number(values.lifetimes ?? Number.POSITIVE_INFINITY);
  const workers = Number(values.workers ?? availableParallelism());
  process.stdout.write(`seeds from ${first}, ${workers} threads\n`);
  let shownAt = begun;
  const totals = await runPool({
    bundle,
    workers,
    first,
    batch: Math.min(batchLifetimes, Math.ceil(lifetimes / workers)),
    rerunEvery: values.smoke ? 1 : rerunEvery,
    enough: (soFar, handedOut) =>
      Date.now() >= until || handedOut >= lifetimes || (soFar.failures.length > 0 && !values['keep-going']),
    progress: (soFar) => {
      if (Date.now() - shownAt < progressEveryMs) return;
      shownAt = Date.now();
      process.stderr.write(progressText(soFar, Date.now() - begun));
    },
  });
  process.stdout.write(totalsText(totals, Date.now() - begun, workers));
  for (const failure of totals.failures) process.stdout.write(failureText(failure));
  const [shown] = totals.failures;
  if (shown !== undefined && values.shrink !== false)
    await shrinkAndTell(bundle, shown.options.seed, shrinkBounds());
  return totals.failures.length > 0 || unreachedMarkers(totals).length > 0 ? 1 : 0;
}

function shrinkBounds() {
  return { triesMax: Number(values['shrink-tries']), msMax: Number(values['shrink-seconds']) * 1000 };
}

function progressText({ lifetimes, failures }: SwarmTotals, ms: number): string {
  return `${lifetimes} lifetimes, ${Math.round((lifetimes / ms) * 60_000)}/min, ${failures.length} failed\n`;
}
