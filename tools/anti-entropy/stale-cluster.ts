import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MerkleTree } from '@starling/api-types';
import type { Endpoint } from '../bench/http-connection.ts';
import { processUsage } from '../bench/process-usage.ts';
import { settled, startNode, stopNode } from '../cluster/node-process.ts';

const nameFile = 'identity.json';
const batchItems = 250;
const lanes = 4;
/** Time in which replicas must have become equal, in ms. */
const equalMsMax = 600_000;

/** Three nodes of this machine, the third of which can be set back to an older state of its disk. */
export class StaleCluster {
  readonly #directory = mkdtempSync(join(tmpdir(), 'starling-anti-entropy-'));
  readonly #nodes: ChildProcess[] = [];
  readonly endpoints: readonly Endpoint[];

  constructor(firstPort: number) {
    this.endpoints = [0, 1, 2].map((i) => ({ host: '127.0.0.1', port: firstPort + i }));
  }

  async start(): Promise<void> {
    for (let i = 0; i < 3; i++) this.#nodes[i] = this.#start(i);
    await settled(this.endpoints, this.#nodes);
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => stopNode(node)));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Stops the third node and starts it again; `meanwhile` may change its directory. */
  async restartThird(meanwhile: () => void): Promise<void> {
    await stopNode(this.#nodes[2]!);
    meanwhile();
    this.#nodes[2] = this.#start(2);
    await settled(this.endpoints, this.#nodes);
  }

  /** Copies the directory of the third node, which must not be running. */
  save(): void {
    cpSync(this.#path('node-3'), this.#path('saved'), { recursive: true });
  }

  /**
   * Puts that copy back: what was written since is gone, and nothing tells, as when a whole volume is set back. The file
   * that names the directory stays as it is: the store would know a copy of it by its number.
   */
  setBack(): void {
    const [here, saved] = [this.#path('node-3'), this.#path('saved')];
    for (const name of readdirSync(here))
      if (name !== nameFile) rmSync(join(here, name), { recursive: true });
    for (const name of readdirSync(saved))
      if (name !== nameFile) cpSync(join(saved, name), join(here, name), { recursive: true });
  }

  /** Writes so many keys to every replica. */
  async fill(prefix: string, count: number): Promise<void> {
    const write = async (lane: number) => {
      for (let from = lane * batchItems; from < count; from += lanes * batchItems) {
        const size = Math.min(batchItems, count - from);
        const items = Array.from({ length: size }, (_, i) => ({
          key: `${prefix}:${from + i}`,
          value: valueText,
        }));
        const { results } = await this.#ask<{ results: { ok: boolean }[] }>(
          0,
          'POST',
          '/api/v1/batch/put?consistency=all',
          {
            items,
          },
        );
        if (results.some(({ ok }) => !ok)) from -= lanes * batchItems;
      }
    };
    await Promise.all(Array.from({ length: lanes }, (_, lane) => write(lane)));
  }

  /** CPU time that the processes of all nodes have used, in seconds. */
  cpuSeconds(): number {
    return this.#nodes.reduce((sum, { pid }) => sum + (processUsage(pid ?? 0)?.cpuSeconds ?? 0), 0);
  }

  /** Has the third node compare itself with all others now. */
  async sync(): Promise<void> {
    await this.#ask(2, 'POST', '/api/v1/merkle-tree/sync', {});
  }

  /** Waits until the hash trees of all nodes are complete and the same; answers after how many ms that was. */
  async untilEqual(): Promise<number> {
    const from = performance.now();
    for (;;) {
      const trees = await Promise.all(
        this.endpoints.map((_, i) => this.#ask<MerkleTree>(i, 'GET', '/api/v1/merkle-tree?depth=0')),
      );
      const hashes = new Set(trees.map(({ nodes }) => nodes[0]?.hash ?? null));
      if (hashes.size === 1 && !hashes.has(null)) return performance.now() - from;
      if (performance.now() - from > equalMsMax) throw new Error('the replicas did not become equal');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Waits until the hash tree of the third node is complete: before, it is compared with nobody. */
  async untilTreeComplete(): Promise<void> {
    while (!(await this.#ask<MerkleTree>(2, 'GET', '/api/v1/merkle-tree?depth=0')).complete)
      await new Promise((resolve) => setTimeout(resolve, 50));
  }

  async #ask<Answer>(node: number, method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    const { host, port } = this.endpoints[node]!;
    const response = await fetch(`http://${host}:${port}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer; // The contract tests hold nodes to it.
  }

  #start(index: number): ChildProcess {
    const { port } = this.endpoints[index]!;
    const seed = this.endpoints[index === 0 ? 1 : 0]!.port;
    const isFounder = index === 0 && this.#nodes[0] === undefined;
    return startNode(index + 1, port, this.#path(`node-${index + 1}`), isFounder ? null : seed);
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }
}

/** A hundred characters. */
const valueText = 'starling'.repeat(12).padEnd(100, '.');
