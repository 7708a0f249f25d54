import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputIn } from './http-call.ts';
import { Load, lostWrites } from './load.ts';
import { gcFlags, MemoryWatch } from './memory-watch.ts';
import { TestCluster } from './test-cluster.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start(18_330, 3, 256, gcFlags);
});

afterAll(() => cluster.close());

/** A minute each with STARLING_LONG_TESTS, else long enough to fill every queue. */
const { STARLING_LONG_TESTS } = process.env;
const seconds = STARLING_LONG_TESTS === undefined ? 6 : 60;

describe('mixed load', () => {
  it.each([64, 256])(
    'over %i connections fails no request, loses no member, and keeps memory flat',
    async (connections) => {
      const load = new Load(cluster, { writers: connections, readShare: 0.5, targets: () => cluster.nodes });
      const memory = new MemoryWatch(cluster.nodes, async (node) => {
        const answer = await cluster.call(node, 'GET', '/api/v1/status');
        return outputIn('cluster.status', answer).node.stats?.rssBytes ?? null;
      });
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      const growth = await memory.stop();
      const record = await load.stop();
      expect(record.failures).toEqual([]);
      expect(record.requests).toBeGreaterThan(seconds * 100);
      for (const node of cluster.nodes) {
        const members = await cluster.members(node);
        expect(members.map(({ status }) => status)).toEqual(['alive', 'alive', 'alive']);
      }
      expect(growth.filter((each) => !each.isFlat)).toEqual([]);
      expect(await lostWrites(cluster, record, cluster.node(2))).toEqual([]);
    },
  );
});
