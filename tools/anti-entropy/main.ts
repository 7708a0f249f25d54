/**
 * `pnpm anti-entropy-bench` (after `pnpm build`): three nodes of this machine, of which one is set back to an older state of
 * its disk. Prints how long it takes until all are equal again, and what clients notice of it: throughput and p99 of a
 * closed loop on the two other nodes, in turn while nothing is repaired and while the third is behind.
 */
import { Command } from 'commander';
import { LoadLoop, type Measured } from '../bench/load-loop.ts';
import { StaleCluster } from './stale-cluster.ts';

const options = new Command('anti-entropy-bench')
  .option('--keys <number>', 'keys that all nodes have', '100000')
  .option('--behind <number>', 'keys that the third lacks', '10000')
  .option('--rounds <number>', 'measurements of clients with and without repair', '3')
  .option('--seconds <number>', 'of one measurement', '15')
  .option('--connections <number>', 'of clients', '16')
  .option('--rate <number>', 'requests a second, whatever the answers take; 0: as many as are answered', '0')
  .option('--port <number>', 'of the first node', '18460')
  .parse()
  .opts<Record<'keys' | 'behind' | 'rounds' | 'seconds' | 'connections' | 'rate' | 'port', string>>();

const warmupSeconds = 3;
/** Keys that clients read and write. */
const benchKeys = 10_000;

/** In which the load of filling is forgotten. */
const quietMs = 11_000;

const say = (line: string) => process.stdout.write(`${line}\n`);
const cluster = new StaleCluster(Number(options.port));

try {
  await run();
} finally {
  await cluster.close();
}

async function run(): Promise<void> {
  const behind = Number(options.behind);
  await cluster.start();
  await cluster.fill('kept', Number(options.keys));
  await cluster.fill('bench', benchKeys);
  await cluster.restartThird(() => cluster.save());
  await cluster.fill('late', behind);
  // Nodes tell of their load over the last ten seconds, and repair gives way to it.
  await new Promise((resolve) => setTimeout(resolve, quietMs));
  await cluster.restartThird(() => cluster.setBack());
  await cluster.untilTreeComplete();
  await cluster.sync();
  say(`${behind} keys behind of ${options.keys}: equal after ${seconds(await cluster.untilEqual())}`);
  const [calm, repairing]: Figures[][] = [[], []];
  for (let round = 1; round <= Number(options.rounds); round++) {
    await cluster.restartThird(() => undefined);
    calm?.push(await load('calm'));
    await cluster.restartThird(() => cluster.setBack());
    await cluster.untilTreeComplete();
    await cluster.sync();
    repairing?.push(await load('repairing'));
    await cluster.sync();
    say(`equal ${seconds(await cluster.untilEqual())} after the load`);
  }
  for (const figure of ['perSecond', 'p99Ms', 'cpuUs'] as const) {
    const [before, during] = [calm, repairing].map((all) => median((all ?? []).map((one) => one[figure])));
    const change = 100 * ((during ?? 0) / (before ?? 1) - 1);
    say(`${figure}: ${before?.toFixed(1)} calm, ${during?.toFixed(1)} repairing, ${change.toFixed(1)} %`);
  }
}

interface Figures {
  readonly perSecond: number;
  readonly p99Ms: number;
  /** CPU time of all nodes for each request, in microseconds: other programs on the machine do not change it much. */
  readonly cpuUs: number;
}

async function load(what: string): Promise<Figures> {
  const cell = {
    workload: 'A',
    distribution: 'uniform',
    valueBytes: 100,
    connections: Number(options.connections),
    ratePerSecond: Number(options.rate) || null,
    seconds: Number(options.seconds),
    warmupSeconds,
    keys: benchKeys,
  } as const;
  const from = cluster.cpuSeconds();
  const loop = new LoadLoop(cell, cluster.endpoints.slice(0, 2));
  const measured = await loop.run();
  return figures(what, measured, cluster.cpuSeconds() - from);
}

function figures(what: string, { reads, writes, errors, elapsedMs }: Measured, cpuSeconds: number): Figures {
  const perSecond = (reads.totalCount + writes.totalCount) / (elapsedMs / 1000);
  // The warm-up is among it, in which clients ask as much.
  const requests = perSecond * (warmupSeconds + elapsedMs / 1000);
  const cpuUs = (1e6 * cpuSeconds) / requests;
  const p99Ms = Math.max(...[reads, writes].map((one) => one.getValueAtPercentile(99) / 1000));
  say(
    `${what}: ${perSecond.toFixed(0)}/s, p99 ${p99Ms.toFixed(1)} ms, CPU ${cpuUs.toFixed(0)} µs each, errors ${JSON.stringify(errors)}`,
  );
  return { perSecond, p99Ms, cpuUs };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
