import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputIn, valueIn } from './http-call.ts';
import { Load, lostWrites } from './load.ts';
import { TestCluster, until } from './test-cluster.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start(18_325, 2);
});

afterAll(() => cluster.close());

describe('a cluster that grows from two nodes to three and four under load', () => {
  it('fails no request, serves every old key through the new node, and keeps each key on exactly three nodes', async () => {
    const old = Array.from({ length: 300 }, (_, i) => `old-${i}`);
    await Promise.all(old.map((key) => cluster.put(cluster.node(1), key, key)));
    const load = new Load(cluster, { writers: 16, readShare: 0.5, targets: () => cluster.nodes.slice(0, 2) });
    for (const size of [3, 4]) {
      const joined = performance.now();
      const node = cluster.add();
      await until('the join is visible', 10_000, async () => (await cluster.alive(cluster.node(1))) === size);
      expect(performance.now() - joined).toBeLessThan(10_000);
      await cluster.settled(60_000);
      const read = await Promise.all(old.map((key) => cluster.get(node, key)));
      expect(read.map(valueIn)).toEqual(old);
    }
    const record = await load.stop();
    expect(record.failures).toEqual([]);
    expect(record.requests).toBeGreaterThan(1000);
    for (const node of cluster.nodes) expect(await lostWrites(cluster, record, node)).toEqual([]);
    // Every key on three nodes: the nodes' own counts of live keys add up to three times the keys there are.
    const keys = old.length + record.acknowledged.size;
    await until('old owners have let go', 60_000, async () => {
      const counts = await Promise.all(
        cluster.nodes.map((node) => cluster.call(node, 'GET', '/api/v1/storage')),
      );
      return counts.reduce((sum, answer) => sum + outputIn('cluster.storage', answer).keys, 0) === 3 * keys;
    });
  });
});
