import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutputOf } from '@starling/api-types';
import { type Answer, HttpCaller, keyPath, outputIn } from './http-call.ts';
import { TestNode } from './test-node.ts';

/** How long a condition is waited for unless a test says otherwise, in ms. */
const conditionMs = 30_000;

/** A cluster of real processes on temporary directories. Node n listens on the first port plus n − 1. */
export class TestCluster {
  readonly nodes: TestNode[] = [];
  readonly http: HttpCaller;
  readonly #firstPort: number;
  readonly #directory = mkdtempSync(join(tmpdir(), 'starling-e2e-'));

  readonly #nodeFlags: readonly string[];

  /** `nodeFlags` are for Node itself. */
  constructor(firstPort: number, connections?: number, nodeFlags: readonly string[] = []) {
    this.#firstPort = firstPort;
    this.#nodeFlags = nodeFlags;
    this.http = new HttpCaller(connections);
  }

  /** Starts `size` nodes and waits until each sees all of them as owners of the ring. */
  static async start(
    firstPort: number,
    size: number,
    connections?: number,
    nodeFlags: readonly string[] = [],
  ): Promise<TestCluster> {
    const cluster = new TestCluster(firstPort, connections, nodeFlags);
    for (let i = 0; i < size; i++) cluster.add();
    try {
      await cluster.settled();
      // Another run of these tests may hold a port: its node would be taken for the one that could not start.
      const ended = cluster.nodes.filter((node) => !node.running).map(({ id }) => id);
      if (ended.length > 0) throw new Error(`${ended.join()} ended while starting: is the port taken?`);
    } catch (cause) {
      const told = cluster.nodes.flatMap(({ id, lines }) => lines.slice(-10).map((line) => `${id}: ${line}`));
      await cluster.close();
      throw new Error(`the cluster did not come up:\n${told.join('\n')}`, { cause });
    }
    return cluster;
  }

  /** Starts one more node, with the first as its seed if there is one. */
  add(flags: readonly string[] = []): TestNode {
    const number = this.nodes.length + 1;
    const node = new TestNode(
      `node-${number}`,
      this.#firstPort + number - 1,
      join(this.#directory, `node-${number}`),
    );
    this.nodes.push(node);
    const seeds = number === 1 ? [] : [`--seed-node=127.0.0.1:${this.#firstPort}`];
    node.start([...seeds, ...flags], this.#nodeFlags);
    return node;
  }

  node(number: number): TestNode {
    return this.nodes[number - 1]!;
  }

  call(node: TestNode, method: string, path: string, body?: unknown): Promise<Answer> {
    return this.http.call(node.port, method, path, body);
  }

  put(node: TestNode, key: string, value: unknown, query = ''): Promise<Answer> {
    return this.call(node, 'PUT', `${keyPath(key)}${query}`, { value });
  }

  get(node: TestNode, key: string, query = ''): Promise<Answer> {
    return this.call(node, 'GET', `${keyPath(key)}${query}`);
  }

  delete(node: TestNode, key: string, query = ''): Promise<Answer> {
    return this.call(node, 'DELETE', `${keyPath(key)}${query}`);
  }

  /** Waits until every running node is ready and sees exactly the nodes of this cluster as living, settled owners of one ring. */
  async settled(withinMs = conditionMs): Promise<void> {
    const running = this.nodes.filter((node) => node.running && !node.paused);
    await until(`${this.nodes.length} nodes settle`, withinMs, async () => {
      const rings = await Promise.all(running.map((node) => this.call(node, 'GET', '/api/v1/ring')));
      const alive = await Promise.all(running.map((node) => this.alive(node)));
      const ready = await Promise.all(running.map((node) => this.call(node, 'GET', '/readyz')));
      const found = rings.map((ring) => outputIn('cluster.ring', ring));
      const epochs = new Set(found.map(({ epoch }) => epoch));
      const owners = found.map(({ nodes }) => nodes.filter(({ status }) => status === 'normal').length);
      return (
        epochs.size === 1 &&
        owners.every((count) => count === this.nodes.length) &&
        alive.every((count) => count === this.nodes.length) &&
        ready.every(({ status }) => status === 200)
      );
    });
  }

  /** Members that `node` holds for alive. */
  async alive(node: TestNode): Promise<number> {
    return outputIn('gossip.members', await this.call(node, 'GET', '/gossip/members')).aliveMembers;
  }

  /** Members as `node` knows them. */
  async members(node: TestNode): Promise<OutputOf<'gossip.members'>['members']> {
    return outputIn('gossip.members', await this.call(node, 'GET', '/gossip/members')).members;
  }

  /** Ends every process and removes its data. */
  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.end('SIGKILL')));
    this.http.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Waits for a condition, asked again and again; a condition that throws does not hold yet. */
export async function until(what: string, withinMs: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      if (await holds()) return;
      last = 'it does not hold';
    } catch (cause) {
      last = cause;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited ${withinMs} ms in vain until ${what}: ${String(last)}`);
}
