import { keyPath, valueIn } from './http-call.ts';
import type { TestCluster } from './test-cluster.ts';
import type { TestNode } from './test-node.ts';

/** What a load has done so far. */
export interface LoadRecord {
  /** Last acknowledged number of each key: keys have one writer each, so it must be there or be superseded. */
  readonly acknowledged: Map<string, number>;
  /** Last number sent for each key, acknowledged or not. */
  readonly sent: Map<string, number>;
  /** Every answer that was no success, and every request without an answer. */
  readonly failures: string[];
  requests: number;
}

export interface LoadOptions {
  readonly writers: number;
  /** Share of requests that read the writer's own last acknowledged value instead of writing, 0 to 1. */
  readonly readShare: number;
  /** Nodes to send to, in turn; asked anew before each request. */
  readonly targets: () => readonly TestNode[];
  /** Pause of each writer between two requests, in ms. */
  readonly pauseMs?: number;
}

/**
 * Writers that each own a few keys and write rising numbers to them, so that afterwards every key tells whether an
 * acknowledged write was lost. `stop` resolves when no request is open any more.
 */
export class Load {
  readonly record: LoadRecord = { acknowledged: new Map(), sent: new Map(), failures: [], requests: 0 };
  readonly #cluster: TestCluster;
  readonly #options: LoadOptions;
  readonly #writers: Promise<void>[];
  #stopped = false;

  constructor(cluster: TestCluster, options: LoadOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#writers = Array.from({ length: options.writers }, (_, i) => this.#write(i));
  }

  async stop(): Promise<LoadRecord> {
    this.#stopped = true;
    await Promise.all(this.#writers);
    return this.record;
  }

  async #write(writer: number): Promise<void> {
    const { targets, readShare, pauseMs } = this.#options;
    for (let turn = 1; !this.#stopped; turn++) {
      const nodes = targets();
      const node = nodes[(writer + turn) % nodes.length];
      const key = `writer-${writer}/key-${turn % 8}`;
      const reads = turn > 8 && (turn * 0.618) % 1 < readShare;
      if (node !== undefined) await (reads ? this.#get(node, key) : this.#put(node, key));
      if (pauseMs !== undefined) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  async #put(node: TestNode, key: string): Promise<void> {
    const { record } = this;
    const value = (record.sent.get(key) ?? 0) + 1;
    record.sent.set(key, value);
    const status = await this.#status(node, 'PUT', key, { value });
    if (status === 200) record.acknowledged.set(key, value);
  }

  async #get(node: TestNode, key: string): Promise<void> {
    await this.#status(node, 'GET', key);
  }

  async #status(node: TestNode, method: string, key: string, body?: unknown): Promise<number> {
    const { record } = this;
    record.requests++;
    try {
      const answer = await this.#cluster.call(node, method, keyPath(key), body);
      if (answer.status !== 200)
        record.failures.push(`${method} ${key} at ${node.id}: ${JSON.stringify(answer.body)}`);
      return answer.status;
    } catch (cause) {
      record.failures.push(`${method} ${key} at ${node.id}: ${String(cause)}`);
      return 0;
    }
  }
}

/** Reads every key through `node`; says which acknowledged writes are missing, and which values nobody sent. */
export async function lostWrites(
  cluster: TestCluster,
  record: LoadRecord,
  node: TestNode,
): Promise<string[]> {
  const lost: string[] = [];
  for (const [key, acknowledged] of record.acknowledged) {
    const answer = await cluster.get(node, key);
    const found = answer.status === 200 ? Number(valueIn(answer)) : 0;
    const sent = record.sent.get(key) ?? 0;
    if (!(found >= acknowledged && found <= sent)) {
      lost.push(
        `${key} at ${node.id}: ${acknowledged} was acknowledged, ${sent} sent, found ${JSON.stringify(answer.body)}`,
      );
    }
  }
  return lost;
}
