import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Load, lostWrites } from './load.ts';
import { TestCluster } from './test-cluster.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start(18_330, 3, 256);
});

afterAll(() => cluster.close());

/** A minute each with STARLING_LONG_TESTS, else long enough to fill every queue. */
const { STARLING_LONG_TESTS } = process.env;
const seconds = STARLING_LONG_TESTS === undefined ? 6 : 60;

async function rssBytes(): Promise<number[]> {
  const answers = await Promise.all(cluster.nodes.map((node) => cluster.call(node, 'GET', '/api/v1/status')));
  return answers.map(({ body }) => body.node.stats?.rssBytes ?? 0);
}

/** Caches and young objects may take this much; what grows with each request is more after so many requests. */
const growthBytesMax = 200_000_000;

describe('mixed load', () => {
  it.each([64, 256])(
    'over %i connections fails no request, loses no member, and keeps memory flat',
    async (connections) => {
      const load = new Load(cluster, { writers: connections, readShare: 0.5, targets: () => cluster.nodes });
      const wait = (part: number) => new Promise((resolve) => setTimeout(resolve, part * seconds * 1000));
      await wait(0.5);
      const before = await rssBytes();
      await wait(0.5);
      const after = await rssBytes();
      const record = await load.stop();
      expect(record.failures).toEqual([]);
      expect(record.requests).toBeGreaterThan(seconds * 100);
      for (const node of cluster.nodes) {
        const { body } = await cluster.call(node, 'GET', '/gossip/members');
        expect(body.members.map(({ status }: { status: string }) => status)).toEqual([
          'alive',
          'alive',
          'alive',
        ]);
      }
      for (const [i, bytes] of after.entries()) expect(bytes - before[i]!).toBeLessThan(growthBytesMax);
      expect(await lostWrites(cluster, record, cluster.node(2))).toEqual([]);
    },
  );
});
