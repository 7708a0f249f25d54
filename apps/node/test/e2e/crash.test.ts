import { afterEach, describe, expect, it } from 'vitest';
import { Load, lostWrites } from './load.ts';
import { TestCluster, until } from './test-cluster.ts';

let cluster: TestCluster;

afterEach(() => cluster.close());

describe('kill -9 of every node under load', () => {
  it.each([
    ['in the order of their start', [1, 2, 3]],
    ['in the opposite order, so that the founder comes last', [3, 2, 1]],
  ])(
    'loses no acknowledged write; they find each other again without a seed, started %s',
    async (_, order) => {
      cluster = await TestCluster.start(18_310, 3);
      const load = new Load(cluster, { writers: 16, readShare: 0.2, targets: () => cluster.nodes });
      await until('enough is acknowledged', 20_000, async () => load.record.requests >= 1000);
      await Promise.all(cluster.nodes.map((node) => node.end('SIGKILL')));
      const record = await load.stop();
      expect(record.acknowledged.size).toBe(16 * 8);
      for (const number of order) {
        cluster.node(number).start();
        await until(
          `node ${number} listens`,
          10_000,
          async () => (await cluster.call(cluster.node(number), 'GET', '/healthz')).status === 200,
        );
      }
      await cluster.settled();
      for (const node of cluster.nodes) expect(await lostWrites(cluster, record, node)).toEqual([]);
    },
  );

  it('is seen by the others within five seconds when only one dies, and they go on without a failed request', async () => {
    cluster = await TestCluster.start(18_310, 3);
    const [survivor, other, victim] = [cluster.node(1), cluster.node(2), cluster.node(3)];
    const load = new Load(cluster, { writers: 8, readShare: 0.5, targets: () => [survivor, other] });
    await until('there is load', 10_000, async () => load.record.requests > 100);
    await victim.end('SIGKILL');
    const died = performance.now();
    await until(
      'both survivors see it',
      5_000,
      async () => (await cluster.alive(survivor)) === 2 && (await cluster.alive(other)) === 2,
    );
    expect(performance.now() - died).toBeLessThan(5_000);
    const record = await load.stop();
    expect(record.failures).toEqual([]);
    expect(await lostWrites(cluster, record, survivor)).toEqual([]);
  });
});
