/** `pnpm bench`: starts a cluster of its own, drives it cell by cell, prints a table and leaves the figures as JSON. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { bytesText, type Cell, describeCell } from './cell.ts';
import { type BenchCluster, startCluster } from './cluster.ts';
import { type Endpoint, HttpConnection } from './http-connection.ts';
import { runLoad } from './load.ts';
import { type BenchOptions, closedCells, parseOptions } from './options.ts';
import { putBody, putRequest } from './requests.ts';
import { type CellResult, resultOf, tableHead, tableRow } from './result.ts';
import { startYardstick } from './yardstick.ts';

const note = (text: string) => process.stderr.write(`${text}\n`);

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  note(`building the node, starting ${options.nodes} of them ...`);
  execFileSync(process.execPath, ['build.mjs'], {
    cwd: new URL('../../apps/node', import.meta.url),
    stdio: 'ignore',
  });
  const cluster = await startCluster(options.nodes, options.port);
  let stopping: Promise<void> | null = null;
  const stop = () => (stopping ??= cluster.stop());
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stop().then(() => process.exit(130)));
  try {
    report(options, await measureAll(options, cluster));
  } finally {
    await stop();
  }
}

async function measureAll(options: BenchOptions, cluster: BenchCluster): Promise<CellResult[]> {
  const results: CellResult[] = [];
  const keep = (result: CellResult) => {
    results.push(result);
    process.stdout.write(`${tableRow(result)}\n`);
  };
  process.stdout.write(`${tableHead()}\n`);
  const yardsticks = await measureYardstick(options, keep);
  const endpoints = options.drive === 'one' ? cluster.endpoints.slice(0, 1) : cluster.endpoints;
  let loaded = 0;
  for (const cell of closedCells(options)) {
    if (cell.valueBytes !== loaded) await preload(cluster.endpoints, cell);
    loaded = cell.valueBytes;
    const yardstick = yardsticks.get(cell.connections) ?? null;
    const closed = await measure(cell, endpoints, cluster, options, yardstick);
    if (options.loops.includes('closed')) keep(closed);
    if (!options.loops.includes('open') || cell.connections === 1) continue;
    const open = { ...cell, ratePerSecond: Math.max(1, closed.perSecond * options.openShare) };
    keep(await measure(open, endpoints, cluster, options, yardstick));
  }
  return results;
}

/** Throughput of a bare node:http server at each number of connections. */
async function measureYardstick(
  options: BenchOptions,
  keep: (result: CellResult) => void,
): Promise<ReadonlyMap<number, number>> {
  const yardstick = await startYardstick();
  const found = new Map<number, number>();
  for (const connections of options.connections) {
    const cell: Cell = {
      workload: 'C',
      distribution: 'uniform',
      valueBytes: 100,
      connections,
      ratePerSecond: null,
      seconds: options.seconds,
      warmupSeconds: options.warmupSeconds,
      keys: options.keys,
    };
    const stalls = watchStalls();
    const measured = await runLoad(cell, [yardstick.endpoint], {
      generators: options.generators,
      onProgress: () => {},
    });
    const result = resultOf(cell, measured, {
      target: 'node:http',
      yardstickPerSecond: null,
      before: [],
      after: [],
      wallSeconds: options.seconds,
      stallMs: stalls(),
    });
    found.set(connections, result.perSecond);
    keep(result);
  }
  yardstick.stop();
  return found;
}

async function measure(
  cell: Cell,
  endpoints: readonly Endpoint[],
  cluster: BenchCluster,
  options: BenchOptions,
  yardstickPerSecond: number | null,
): Promise<CellResult> {
  const before = cluster.usage();
  const fromMs = Date.now();
  const stalls = watchStalls();
  const measured = await runLoad(cell, endpoints, {
    generators: options.generators,
    onProgress: (completed) => progress(`${describeCell(cell)}: ${completed} requests`),
  });
  progress('');
  const wallSeconds = (Date.now() - fromMs) / 1000;
  return resultOf(cell, measured, {
    target: 'starling',
    yardstickPerSecond,
    before,
    after: cluster.usage(),
    wallSeconds,
    stallMs: stalls(),
  });
}

/** This process has hardly anything to do while it measures: how long it waits for its turn, the machine makes it wait. */
function watchStalls(): () => number {
  const resolutionMs = 1;
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  return () => {
    delays.disable();
    return Math.max(0, delays.max / 1e6 - resolutionMs);
  };
}

/** Stores every key once, so that reads find values of the cell's size. */
async function preload(endpoints: readonly Endpoint[], cell: Cell): Promise<void> {
  const body = putBody(cell.valueBytes);
  let next = 0;
  const worker = async (endpoint: Endpoint) => {
    const connection = new HttpConnection(endpoint);
    while (next < cell.keys) {
      const key = next++;
      if (key % 500 === 0) progress(`storing ${cell.keys} keys of ${bytesText(cell.valueBytes)}: ${key}`);
      const request = putRequest(`${endpoint.host}:${endpoint.port}`, key, body);
      const status = await new Promise<number>((resolve) => connection.send(request, resolve));
      if (status !== 200) throw new Error(`key ${key} could not be stored: status ${status}`);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: 32 }, (_, i) => worker(endpoints[i % endpoints.length]!)));
  progress('');
}

const progressEveryMs = 5000;
let progressAtMs = 0;

/** One line that is written over on a terminal; elsewhere a line now and then. An empty text clears it. */
function progress(text: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\u001b[2K${text}`);
  } else if (text !== '' && Date.now() - progressAtMs > progressEveryMs) {
    progressAtMs = Date.now();
    note(text);
  }
}

function report(options: BenchOptions, results: readonly CellResult[]): void {
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.version,
  };
  mkdirSync(dirname(options.out), { recursive: true });
  writeFileSync(
    options.out,
    `${JSON.stringify({ at: new Date().toISOString(), machine, options, results }, null, 2)}\n`,
  );
  note(`figures in ${options.out}`);
}

await main();
