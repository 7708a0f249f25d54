/**
 * `pnpm split` (as root, after `pnpm build`): five nodes, each on a network of its own, are split three against one against
 * one, in silence, for two minutes. The three are written to all the while. Then the network is whole again, and with nobody's
 * help the nodes must be one cluster whose replicas are all alike. Exits with 1 unless they are, and nothing was lost.
 */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OperationId, type OutputOf, operationOf } from '@starling/api-types';
import { Command } from 'commander';
import { startNode, stopNode } from '../cluster/node-process.ts';
import { pause, until } from './ring-cluster.ts';
import { RisingLoad } from './rising-load.ts';
import { SplitNetwork } from './split-network.ts';

const options = new Command('split')
  .option('--seconds <number>', 'how long the split lasts', '120')
  .option('--writers <number>', 'writers under way', '12')
  .parse()
  .opts<Record<'seconds' | 'writers', string>>();

const nodes = [1, 2, 3, 4, 5];
const majority = [1, 2, 3];
const port = 8083;
/** Longest wait until the nodes are whole again, in ms. */
const wholeMs = 120_000;

const say = (line: string) => process.stdout.write(`${line}\n`);

class Split {
  readonly network = new SplitNetwork('starl', nodes.length);
  readonly #processes: ChildProcess[] = [];

  start(directory: string): void {
    this.network.build();
    const secret = join(directory, 'secret');
    writeFileSync(secret, randomBytes(32).toString('hex'), { mode: 0o600 });
    for (const node of nodes) {
      const flags = [
        '--bind=0.0.0.0',
        `--advertise=${this.network.address(node)}:${port}`,
        `--cluster-secret-file=${secret}`,
      ];
      if (node > 1) flags.push(`--seed-node=${this.network.address(1)}:${port}`);
      const data = join(directory, `node-${node}`);
      this.#processes.push(startNode(node, port, data, null, flags, this.network.within(node)));
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((node) => stopNode(node, 'SIGKILL')));
    this.network.remove();
  }

  url(node: number): string {
    return `http://${this.network.outside(node)}:${port}`;
  }

  async ask<Id extends OperationId>(node: number, id: Id, path: string): Promise<OutputOf<Id>> {
    const response = await fetch(`${this.url(node)}${path}`, { signal: AbortSignal.timeout(8000) });
    return operationOf(id).output.parse(JSON.parse(await response.text())) as OutputOf<Id>; // That schema judged it.
  }

  /** Whether every node sees every other alive, and all hold one ring of all of them. */
  async isWhole(): Promise<boolean> {
    const rings = await Promise.all(nodes.map((node) => this.ask(node, 'cluster.ring', '/api/v1/ring')));
    const seen = await Promise.all(nodes.map((node) => this.ask(node, 'gossip.members', '/gossip/members')));
    return (
      new Set(rings.map(({ epoch }) => epoch)).size === 1 &&
      rings.every((ring) => ring.nodes.filter(({ status }) => status === 'normal').length === nodes.length) &&
      seen.every(({ aliveMembers }) => aliveMembers === nodes.length)
    );
  }

  /** Buckets in which two nodes hold different records, over all pairs. */
  async differing(): Promise<number> {
    const pairs = nodes.flatMap((one) =>
      nodes.filter((other) => other > one).map((other) => [one, other] as const),
    );
    let sum = 0;
    for (const [one, other] of pairs) {
      const path = `/api/v1/merkle-tree/compare/node-${other}`;
      const { sharedBuckets, differingBuckets } = await this.ask(one, 'merkle.compare', path);
      if (sharedBuckets === 0) throw new Error(`node ${one} and node ${other} compare nothing`);
      sum += differingBuckets;
    }
    return sum;
  }
}

/** What was acknowledged and is not there, through every node. */
async function lostWrites(cluster: Split, load: RisingLoad): Promise<string[]> {
  const lost: string[] = [];
  for (const [key, number] of load.acknowledged) {
    for (const node of nodes) {
      const { value } = await cluster.ask(node, 'data.get', `/api/v1/data/${encodeURIComponent(key)}`);
      if (Number(value) < number)
        lost.push(`${key} through node ${node}: ${number} was acknowledged, ${value} is there`);
    }
  }
  return lost;
}

async function run(cluster: Split): Promise<boolean> {
  await until('the nodes are one cluster', wholeMs, () => cluster.isWhole());
  const load = new RisingLoad(
    majority.map((node) => cluster.url(node)),
    Number(options.writers),
    (writer) => Array.from({ length: 20 }, (_, i) => `writer-${writer}/${i}`),
  );
  await pause(3000);
  const before = load.writes;
  cluster.network.split([1, 2, 3], [4], [5]);
  await pause(Number(options.seconds) * 1000);
  const during = load.writes - before;
  const alone = await cluster.ask(4, 'gossip.members', '/gossip/members');
  say(
    `split for ${options.seconds} s: ${during} writes acknowledged by the three; node 4 saw ${alone.aliveMembers} alive`,
  );
  cluster.network.split([1, 2, 3, 4, 5]);
  const healed = Date.now();
  await pause(2000);
  await load.stop();
  await until('they are one cluster again', wholeMs, () => cluster.isWhole());
  const wholeAfter = Date.now() - healed;
  await until('all replicas are alike', wholeMs, async () => (await cluster.differing()) === 0);
  say(
    `one cluster ${(wholeAfter / 1000).toFixed(1)} s after the network was whole, all replicas alike after ${((Date.now() - healed) / 1000).toFixed(1)} s`,
  );
  const lost = [...(await lostWrites(cluster, load)), ...load.stale];
  for (const [said, count] of load.failures) say(`  the client gave up: ${count} × ${said}`);
  say(
    `${load.acknowledged.size} keys with ${load.writes} acknowledged writes read through all five: ${lost.length} lost`,
  );
  for (const line of lost.slice(0, 20)) say(`  ${line}`);
  return lost.length === 0 && during > 0 && alone.aliveMembers === 1;
}

async function main(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('making networks takes root: sudo pnpm split');
  const directory = mkdtempSync(join(tmpdir(), 'starling-split-'));
  const cluster = new Split();
  let good = false;
  try {
    cluster.start(directory);
    good = await run(cluster);
  } finally {
    await cluster.close();
    rmSync(directory, { recursive: true, force: true });
  }
  say(good ? 'all held' : 'BROKEN');
  process.exit(good ? 0 : 1);
}

await main();
