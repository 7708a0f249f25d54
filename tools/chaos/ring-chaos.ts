/**
 * `pnpm ring-chaos` (after `pnpm build`): changes a ring of five nodes under load while its nodes are killed by `kill -9` at
 * random points of each change: one node is drained, one dies and is replaced, two are added; then weights and N change, a node
 * leaves and comes back, and some changes are given up, until so many kills have struck. Exits with 1 unless no acknowledged write
 * was lost, each key is on exactly N nodes, the others' disks are freed, and every change moved what its plan had said.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { type Change, RingChanger } from './ring-changer.ts';
import { pause, RingCluster } from './ring-cluster.ts';
import { RingVerdict } from './ring-verdict.ts';
import { RisingLoad } from './rising-load.ts';

const options = new Command('ring-chaos')
  .option('--keys <number>', 'keys written before', '100000')
  .option('--kills <number>', 'least number of kills', '20')
  .option('--writers <number>', 'writers under way meanwhile', '12')
  .option('--port <number>', 'of the first node', '18740')
  .option('--seed <number>', 'draws the points of the kills', String(Date.now() % 100_000))
  .parse()
  .opts<Record<'keys' | 'kills' | 'writers' | 'port' | 'seed', string>>();

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Mulberry32 (Tommy Ettinger, public domain): the points differ from run to run, and a seed repeats them. */
function drawn(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What must be done at least once. */
const first: readonly Change[] = [
  { kind: 'drain', node: 5 },
  { kind: 'replace', node: 4, by: 6 },
  { kind: 'join', node: 7 },
  { kind: 'join', node: 8 },
];
/** What is done again and again until so many kills have struck; it leaves the ring as it was. */
const more: readonly Change[] = [
  { kind: 'reshape', node: 1, weight: 2 },
  { kind: 'reshape', node: 1, weight: 1 },
  { kind: 'drain', node: 8, givenUp: true },
  { kind: 'replicas', replicas: 4 },
  { kind: 'replicas', replicas: 3 },
];

async function fill(cluster: RingCluster, keys: readonly string[]): Promise<void> {
  const batch = 250;
  const write = async (lane: number) => {
    for (let at = lane * batch; at < keys.length; at += 4 * batch) {
      const items = keys.slice(at, at + batch).map((key) => ({ key, value: key }));
      const { results } = await cluster.ask('batch.put', 'POST', '/api/v1/batch/put', { items });
      if (results.some(({ ok }) => !ok)) at -= 4 * batch;
    }
  };
  await Promise.all([0, 1, 2, 3].map(write));
}

async function run(cluster: RingCluster): Promise<boolean> {
  const keys = Array.from({ length: Number(options.keys) }, (_, i) => `key-${i}`);
  for (let node = 1; node <= 5; node++) {
    cluster.start(node);
    await pause(node === 1 ? 1500 : 100);
  }
  const changer = new RingChanger(cluster, drawn(Number(options.seed)), say);
  await changer.settled([1, 2, 3, 4, 5]);
  const began = Date.now();
  await fill(cluster, keys);
  say(`${keys.length} keys written in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  const endpoints = [1, 2, 3].map((node) => cluster.url(node));
  const load = new RisingLoad(endpoints, Number(options.writers), (writer) =>
    Array.from({ length: 8 }, (_, i) => `writer-${writer}/${i}`),
  );
  const kills = Number(options.kills);
  try {
    for (const change of first) await changer.carryOut(change, Math.ceil(kills / 8));
    for (let at = 0; changer.kills < kills; at++) await changer.carryOut(more[at % more.length]!, 2);
    // Whatever the last change was, N and the weights are as they were.
    await changer.carryOut({ kind: 'reshape', node: 1, weight: 1 }, 0);
    await changer.carryOut({ kind: 'replicas', replicas: 3 }, 0);
  } finally {
    await load.stop();
  }
  await changer.settled([1, 2, 3, 6, 7, 8]);
  const verdict = new RingVerdict(cluster, say);
  return verdict.judge(keys, load, changer, { members: [1, 2, 3, 6, 7, 8], left: 5, replicas: 3 });
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'starling-ring-chaos-'));
  const cluster = new RingCluster(directory, Number(options.port));
  say(`seed ${options.seed}`);
  let good = false;
  try {
    good = await run(cluster);
  } finally {
    await cluster.close();
    rmSync(directory, { recursive: true, force: true });
  }
  say(good ? 'all held' : 'BROKEN');
  process.exit(good ? 0 : 1);
}

await main();
