import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from '../bench/http-connection.ts';

const mainFile = join(import.meta.dirname, '../../apps/node/dist/main.js');

const stopDeadlineMs = 6_000;

/** Starts a node of this machine, by way of `within` if given; its warnings and errors go where this process's go. */
export function startNode(
  number: number,
  port: number,
  dataDir: string,
  seedPort: number | null,
  more: readonly string[] = [],
  within: readonly string[] = [],
): ChildProcess {
  if (!existsSync(mainFile)) throw new Error('apps/node/dist/main.js is missing: run `pnpm build` first');
  const flags = [`--node-id=node-${number}`, `--port=${port}`, `--data-dir=${dataDir}`, '--log-level=warn'];
  if (seedPort !== null) flags.push(`--seed-node=127.0.0.1:${seedPort}`);
  const [program, ...args] = [...within, process.execPath, mainFile, ...flags, ...more];
  return spawn(program!, args, { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Asks a node to end, and ends it when it does not. */
export function stopNode(node: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (node.exitCode !== null || node.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const force = setTimeout(() => node.kill('SIGKILL'), stopDeadlineMs);
    node.once('exit', () => {
      clearTimeout(force);
      resolve();
    });
    node.kill(signal);
  });
}

const settleDeadlineMs = 30_000;

/** Waits until every endpoint sees as many settled, living owners of the ring as there are endpoints. */
export async function settled(endpoints: readonly Endpoint[], nodes: readonly ChildProcess[]): Promise<void> {
  const deadline = Date.now() + settleDeadlineMs;
  const seen = () => Promise.all(endpoints.map((endpoint) => seesAll(endpoint, endpoints.length)));
  while ((await seen()).includes(false)) {
    if (nodes.some(({ exitCode }) => exitCode !== null))
      throw new Error('a node of the cluster ended while starting');
    if (Date.now() > deadline) throw new Error(`the cluster did not settle in ${settleDeadlineMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function seesAll({ host, port }: Endpoint, size: number): Promise<boolean> {
  const read = async (path: string) =>
    JSON.parse(await (await fetch(`http://${host}:${port}${path}`)).text());
  try {
    const { nodes }: { nodes: readonly { status: string }[] } = await read('/api/v1/ring');
    const { aliveMembers }: { aliveMembers: number } = await read('/gossip/members');
    return nodes.filter(({ status }) => status === 'normal').length === size && aliveMembers === size;
  } catch {
    return false;
  }
}
