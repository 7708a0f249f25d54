/**
 * `tsx tools/bench/loop-delay.ts [port]`: how long the event loop of a node stands still under what is heaviest at the
 * bounds of the contract. Three nodes of its own; each workload drives the first, and afterwards every node is asked for
 * the longest delay since it was asked last (`monitorEventLoopDelay`, as prom-client exports it). A busy machine adds
 * delays of its own, so each workload is run several times and the least of the longest counts: what the program itself
 * does is in all of them.
 */
import { execFileSync } from 'node:child_process';
import { apiLimits } from '@starling/api-types';
import { type BenchCluster, startCluster } from './cluster.ts';
import type { Endpoint } from './http-connection.ts';

const rounds = 5;

/** prom-client's timer fires so often, in ms; a delay is counted from one firing to the next. */
const resolutionMs = 10;

interface Workload {
  readonly name: string;
  /** Requests under way at a time. */
  readonly atATime: number;
  readonly requests: number;
  readonly send: (base: string, number: number) => Promise<Response>;
}

const json = { 'content-type': 'application/json' };
const put = (base: string, key: string, body: string) =>
  fetch(`${base}/api/v1/data/${encodeURIComponent(key)}`, { method: 'PUT', headers: json, body });
const post = (base: string, path: string, body: string) =>
  fetch(base + path, { method: 'POST', headers: json, body });

const { valueBytesMax, batchBytesMax, batchItemsMax, keyBytesMax, listPageKeysMax } = apiLimits;
const text = JSON.stringify('x'.repeat(valueBytesMax - 2));
/** As many parts as a value can have: what costs most to judge and to parse. */
const dense = `[${'1,'.repeat(valueBytesMax / 2 - 2)}1]`;
const objects = `[${'{"a":{}},'.repeat(Math.floor(valueBytesMax / 9) - 1)}1]`;
const batchOf = (value: string, items: number, name: string) =>
  `{"items":[${Array.from({ length: items }, (_, i) => `{"key":"${name}/${i}","value":${value}}`).join()}]}`;
const largest = Math.floor(batchBytesMax / (valueBytesMax + 100));
const small = JSON.stringify('x'.repeat(Math.floor(batchBytesMax / batchItemsMax) - 100));
const longKey = (i: number) => `list/${String(i).padStart(keyBytesMax - 5, '0')}`;

const workloads: readonly Workload[] = [
  { name: 'idle', atATime: 1, requests: 5, send: (base) => fetch(`${base}/healthz`) },
  {
    name: 'PUT of 100 bytes, 64 at a time',
    atATime: 64,
    requests: 2000,
    send: (base, i) => put(base, `small/${i % 1000}`, `{"value":"${'x'.repeat(100)}"}`),
  },
  {
    name: 'PUT of 1 MiB of text, 8 at a time',
    atATime: 8,
    requests: 16,
    send: (base, i) => put(base, `text/${i % 8}`, `{"value":${text}}`),
  },
  {
    name: 'PUT of 1 MiB of numbers, 1 at a time',
    atATime: 1,
    requests: 4,
    send: (base, i) => put(base, `dense/${i % 8}`, `{"value":${dense}}`),
  },
  {
    name: 'PUT of 1 MiB of objects, 1 at a time',
    atATime: 1,
    requests: 4,
    send: (base, i) => put(base, `objects/${i % 8}`, `{"value":${objects}}`),
  },
  {
    name: 'GET of 1 MiB, 8 at a time',
    atATime: 8,
    requests: 16,
    send: (base, i) => fetch(`${base}/api/v1/data/${encodeURIComponent(`dense/${i % 4}`)}`),
  },
  {
    name: 'batch PUT of 7 values of 1 MiB of text',
    atATime: 1,
    requests: 3,
    send: (base) => post(base, '/api/v1/batch/put', batchOf(text, largest, 'batch')),
  },
  {
    name: 'batch PUT of 7 values of 1 MiB of numbers',
    atATime: 1,
    requests: 3,
    send: (base) => post(base, '/api/v1/batch/put', batchOf(dense, largest, 'batch')),
  },
  {
    name: 'batch PUT of 256 values of 32 kB',
    atATime: 1,
    requests: 3,
    send: (base) => post(base, '/api/v1/batch/put', batchOf(small, batchItemsMax, 'many')),
  },
  {
    name: 'the same over tRPC',
    atATime: 1,
    requests: 3,
    send: (base) => post(base, '/trpc/batch.put', batchOf(small, batchItemsMax, 'many')),
  },
  {
    name: 'batch GET of 7 values of 1 MiB',
    atATime: 1,
    requests: 3,
    send: (base) =>
      post(
        base,
        '/api/v1/batch/get',
        JSON.stringify({ keys: Array.from({ length: largest }, (_, i) => `batch/${i}`) }),
      ),
  },
  {
    name: 'PUT of keys of 1024 bytes, 16 at a time',
    atATime: 16,
    requests: listPageKeysMax,
    send: (base, i) => put(base, longKey(i), '{"value":1}'),
  },
  {
    name: 'list of 1000 keys of 1024 bytes',
    atATime: 1,
    requests: 4,
    send: (base) => fetch(`${base}/api/v1/data?prefix=list&limit=${listPageKeysMax}`),
  },
  {
    name: 'ring, status and overview',
    atATime: 3,
    requests: 12,
    send: (base, i) => fetch(base + (['/api/v1/ring', '/api/v1/status', '/api/v1/cluster'][i % 3] ?? '')),
  },
];

/** Sends all requests of a workload to `base`; answers how many were refused. */
async function run({ atATime, requests, send }: Workload, base: string): Promise<number> {
  let next = 0;
  let refused = 0;
  const sendAll = async () => {
    while (next < requests) {
      const response = await send(base, next++);
      await response.arrayBuffer();
      if (!response.ok) refused++;
    }
  };
  await Promise.all(Array.from({ length: atATime }, sendAll));
  return refused;
}

/** Longest delay of a node's event loop since this was last asked, in ms. */
async function longestDelayMs({ host, port }: Endpoint): Promise<number> {
  const metrics = await (await fetch(`http://${host}:${port}/metrics`)).text();
  const [, seconds] = /^nodejs_eventloop_lag_max_seconds ([\d.e+-]+)$/m.exec(metrics) ?? [];
  return Math.max(0, Number(seconds) * 1000 - resolutionMs);
}

async function measure(cluster: BenchCluster): Promise<void> {
  const delays = () => Promise.all(cluster.endpoints.map(longestDelayMs));
  const [first] = cluster.endpoints;
  const base = `http://${first?.host}:${first?.port}`;
  const row = (...cells: readonly (string | number)[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
  row('workload', 'requests', 'refused', 'driven node', 'others');
  row('---', '--:', '--:', '--:', '--:');
  for (const workload of workloads) {
    const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    let refused = 0;
    for (let round = 0; round < rounds; round++) {
      await delays();
      refused += await run(workload, base);
      const [driven = 0, ...others] = await delays();
      for (const [i, ms] of [driven, Math.max(...others)].entries()) least[i] = Math.min(least[i] ?? ms, ms);
    }
    row(workload.name, rounds * workload.requests, refused, ...least.map((ms) => `${ms.toFixed(0)} ms`));
  }
}

execFileSync(process.execPath, ['build.mjs'], {
  cwd: new URL('../../apps/node', import.meta.url),
  stdio: 'ignore',
});
const cluster = await startCluster(3, Number(process.argv[2] ?? 18_720));
try {
  await measure(cluster);
} finally {
  await cluster.stop();
}
