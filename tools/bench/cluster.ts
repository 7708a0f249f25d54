import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint } from './http-connection.ts';
import { type ProcessUsage, processUsage } from './process-usage.ts';

const mainFile = join(import.meta.dirname, '../../apps/node/dist/main.js');

/** A cluster of this machine's own, on temporary directories, that lives as long as the bench. */
export interface BenchCluster {
  readonly endpoints: readonly Endpoint[];
  /** Of each node, in order. */
  usage(): (ProcessUsage | null)[];
  stop(): Promise<void>;
}

const startDeadlineMs = 30_000;
const stopDeadlineMs = 6_000;

/** Starts `size` nodes on consecutive ports and waits until each sees all of them as owners of the ring. */
export async function startCluster(size: number, firstPort: number): Promise<BenchCluster> {
  if (!existsSync(mainFile)) throw new Error('apps/node/dist/main.js is missing: run `pnpm build` first');
  const directory = mkdtempSync(join(tmpdir(), 'starling-bench-'));
  const endpoints = Array.from({ length: size }, (_, i) => ({ host: '127.0.0.1', port: firstPort + i }));
  const nodes = endpoints.map(({ port }, i) =>
    startNode(i + 1, port, firstPort, join(directory, `node-${i + 1}`)),
  );
  const stop = async () => {
    await Promise.all(nodes.map(stopNode));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await Promise.all(endpoints.map((endpoint) => settled(endpoint, size, nodes)));
  } catch (cause) {
    await stop();
    throw cause;
  }
  return {
    endpoints,
    stop,
    usage: () => nodes.map(({ pid }) => (pid === undefined ? null : processUsage(pid))),
  };
}

function startNode(number: number, port: number, firstPort: number, dataDir: string): ChildProcess {
  const flags = [`--node-id=node-${number}`, `--port=${port}`, `--data-dir=${dataDir}`, '--log-level=warn'];
  if (number > 1) flags.push(`--seed-node=127.0.0.1:${firstPort}`);
  return spawn(process.execPath, [mainFile, ...flags], { stdio: ['ignore', 'inherit', 'inherit'] });
}

async function settled(endpoint: Endpoint, size: number, nodes: readonly ChildProcess[]): Promise<void> {
  const deadline = Date.now() + startDeadlineMs;
  while (!(await ownersSeen(endpoint, size))) {
    if (nodes.some(({ exitCode }) => exitCode !== null))
      throw new Error('a node of the cluster ended while starting');
    if (Date.now() > deadline) throw new Error(`the cluster did not settle in ${startDeadlineMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function ownersSeen({ host, port }: Endpoint, size: number): Promise<boolean> {
  try {
    const response = await fetch(`http://${host}:${port}/api/v1/ring`);
    const ring: unknown = await response.json();
    const nodes = typeof ring === 'object' && ring !== null && 'nodes' in ring ? ring.nodes : null;
    return Array.isArray(nodes) && nodes.filter(({ status }) => status === 'normal').length === size;
  } catch {
    return false;
  }
}

function stopNode(node: ChildProcess): Promise<void> {
  if (node.exitCode !== null || node.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const force = setTimeout(() => node.kill('SIGKILL'), stopDeadlineMs);
    node.once('exit', () => {
      clearTimeout(force);
      resolve();
    });
    node.kill('SIGTERM');
  });
}
