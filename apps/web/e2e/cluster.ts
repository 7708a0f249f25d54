import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Process, until } from './processes.ts';

const nodeProgram = join(import.meta.dirname, '../../node/dist/main.js');

/** Ports of the tests: the console's, and after it those of the nodes. */
export const consolePort = Number(process.env['STARLING_E2E_PORT'] ?? 18_200);
export const consoleOrigin = `http://127.0.0.1:${consolePort}`;

/** `number` counts from 1. */
function portOf(number: number): number {
  return consolePort + 10 + number;
}

export function originOf(number: number): string {
  return `http://127.0.0.1:${portOf(number)}`;
}

interface Member {
  readonly nodeId: string;
  readonly status: string;
}

/** Real nodes on this machine, with data in a directory of their own that goes with them. */
export class Cluster {
  private readonly nodes = new Map<number, Process>();
  private readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(): Promise<Cluster> {
    return new Cluster(await mkdtemp(join(tmpdir(), 'starling-e2e-')));
  }

  /** Starts nodes 1 to `count`, the first without a seed, and waits until each serves in a ring of all. */
  async start(count: number): Promise<void> {
    for (let number = 1; number <= count; number++) {
      await this.startNode(number);
      await until(`node-${number} in the ring`, 30_000, async () => (await this.ring(1)).owners >= number);
    }
  }

  /** Starts one node and waits until it serves. */
  async startNode(number: number): Promise<void> {
    const node = this.begin(number);
    await until(`node-${number} ready`, 30_000, async () => (await fetch(`${originOf(number)}/readyz`)).ok);
    // Another process on its port would have answered in its place.
    if (!node.running) throw new Error(`node-${number} ended:\n${node.said}`);
  }

  /** Starts one node and does not wait. */
  begin(number: number): Process {
    const seed = number === 1 ? [] : [`--seed-node=127.0.0.1:${portOf(1)}`];
    const process = new Process(nodeProgram, [
      `--node-id=node-${number}`,
      `--port=${portOf(number)}`,
      `--data-dir=${join(this.directory, `node-${number}`)}`,
      `--console-origin=${consoleOrigin}`,
      ...seed,
    ]);
    this.nodes.set(number, process);
    return process;
  }

  async kill(number: number): Promise<void> {
    await this.nodes.get(number)?.end('SIGKILL');
  }

  freeze(number: number): void {
    this.nodes.get(number)?.signal('SIGSTOP');
  }

  thaw(number: number): void {
    this.nodes.get(number)?.signal('SIGCONT');
  }

  async ring(through: number): Promise<{ readonly epoch: number; readonly owners: number }> {
    const ring = await (await fetch(`${originOf(through)}/api/v1/ring`)).json();
    const owners = ring.nodes.filter((node: { status: string }) => node.status === 'normal').length;
    return { epoch: ring.epoch, owners };
  }

  /** What one node believes of another. */
  async status(observer: number, subject: number): Promise<string | undefined> {
    const answer = await fetch(`${originOf(observer)}/gossip/members`);
    const { members }: { members: readonly Member[] } = await answer.json();
    return members.find((member) => member.nodeId === `node-${subject}`)?.status;
  }

  async put(through: number, key: string, body: object): Promise<{ readonly context: string }> {
    const answer = await fetch(`${originOf(through)}/api/v1/data/${encodeURIComponent(key)}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`PUT ${key}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async end(): Promise<void> {
    for (const node of this.nodes.values()) node.signal('SIGCONT');
    await Promise.all([...this.nodes.values()].map((node) => node.end('SIGKILL')));
    await rm(this.directory, { recursive: true, force: true });
  }
}
