import type { RingView } from '@starling/api-types';
import { keyRef } from '@starling/core/ring/key.ts';
import type { RingChanger } from './ring-changer.ts';
import { outputIn, type RingCluster, until } from './ring-cluster.ts';
import { holdersByBucket, nodeName } from './ring-gains.ts';
import type { RisingLoad } from './rising-load.ts';

/** Largest share of a node, as a multiple of what is fair. */
const ownershipMax = 1.05;
/** Longest wait until former owners have handed over and freed what they held, in ms. */
const freedMs = 180_000;
const batch = 250;

interface Expected {
  readonly members: readonly number[];
  /** A node that has left. */
  readonly left: number;
  readonly replicas: number;
}

/** What is left when everything is over. */
export class RingVerdict {
  readonly #cluster: RingCluster;
  readonly #say: (line: string) => void;
  readonly #faults: string[] = [];

  constructor(cluster: RingCluster, say: (line: string) => void) {
    this.#cluster = cluster;
    this.#say = say;
  }

  async judge(
    keys: readonly string[],
    load: RisingLoad,
    changer: RingChanger,
    { members, left, replicas }: Expected,
  ): Promise<boolean> {
    this.#faults.push(...changer.faults, ...load.stale);
    await this.#values(keys, (key, value) => value === key);
    const written = [...load.acknowledged.keys()];
    await this.#values(
      written,
      (key, value) => Number(value) >= load.acknowledged.get(key)! && Number(value) <= load.sent.get(key)!,
    );
    const ring = await this.#cluster.ask('cluster.ring', 'GET', '/api/v1/ring');
    this.#ownership(ring, members, replicas);
    // A write that was never acknowledged may be there all the same.
    await this.#places(ring, [...keys, ...load.sent.keys()], members);
    await this.#freed(left);
    const failed = [...load.failures.values()].reduce((sum, count) => sum + count, 0);
    this.#say(
      `${changer.kills} kills; load: ${load.writes} writes and ${load.reads} reads done, ${failed} given up by the client, ${load.stale.length} stale`,
    );
    for (const [said, count] of load.failures) this.#say(`  ${count} × ${said}`);
    for (const fault of this.#faults.slice(0, 20)) this.#say(`  ${fault}`);
    return this.#faults.length === 0;
  }

  async #values(keys: readonly string[], right: (key: string, value: unknown) => boolean): Promise<void> {
    for (let at = 0; at < keys.length; at += batch) {
      const asked = { keys: keys.slice(at, at + batch) };
      const { results } = await this.#cluster.ask('batch.get', 'POST', '/api/v1/batch/get', asked);
      for (const result of results) {
        const value = result.ok ? result.output.value : result.error.code;
        if (!result.ok || !right(result.key, value)) this.#faults.push(`${result.key} is ${String(value)}`);
      }
    }
    this.#say(`${keys.length} keys read`);
  }

  #ownership({ nodes, replicas }: RingView, members: readonly number[], wanted: number): void {
    const worst = Math.max(...nodes.map(({ ownership }) => ownership)) * nodes.length;
    this.#say(`ownership: at most ${worst.toFixed(3)} of fair, over ${nodes.length} nodes, N=${replicas}`);
    if (worst > ownershipMax || nodes.length !== members.length || replicas !== wanted)
      this.#faults.push('the ring is not what it should be');
  }

  /** Each member holds exactly the keys of its buckets; together that is each key on exactly N nodes. */
  async #places(ring: RingView, keys: readonly string[], members: readonly number[]): Promise<void> {
    const holders = holdersByBucket(ring);
    const expected = new Map<string, number>();
    for (const key of keys)
      for (const node of holders[keyRef('default', key).bucket]!)
        expected.set(node, (expected.get(node) ?? 0) + 1);
    const wanted = members.map((node) => expected.get(nodeName(node)) ?? 0);
    let found: number[] = [];
    try {
      await until('each node holds its keys and no others', freedMs, async () => {
        found = await Promise.all(members.map(async (node) => (await this.#storage(node)).keys));
        return found.join() === wanted.join();
      });
    } catch (cause) {
      this.#faults.push(String(cause));
    }
    const sum = found.reduce((total, count) => total + count, 0);
    this.#say(
      `keys held by each node: ${found.join(', ')} (by the ring: ${wanted.join(', ')}): ${sum} = ${(sum / keys.length).toFixed(4)} × ${keys.length}`,
    );
  }

  /** A node that has left frees its disk by itself, once the ring stands still. */
  async #freed(left: number): Promise<void> {
    let found = await this.#storage(left);
    try {
      await until(`${nodeName(left)} has freed its disk`, freedMs, async () => {
        found = await this.#storage(left);
        return found.keys === 0 && found.recordBytes === 0;
      });
    } catch (cause) {
      this.#faults.push(String(cause));
    }
    this.#say(`${nodeName(left)}, which has left, holds ${found.keys} keys, ${found.recordBytes} bytes`);
  }

  async #storage(node: number) {
    const { body } = await this.#cluster.askOf(node, 'GET', '/api/v1/storage');
    return outputIn('cluster.storage', body);
  }
}
