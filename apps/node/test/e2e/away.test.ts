import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueIn } from './http-call.ts';
import { TestCluster, until } from './test-cluster.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start(18_320, 3);
});

afterAll(() => cluster.close());

const keys = Array.from({ length: 500 }, (_, i) => `key-${i}`);
const deleted = keys.slice(0, 50);

describe('a node that was away for 500 writes and 50 deletes', () => {
  it('has caught up ten seconds after its return, and brings nothing back', async () => {
    const [first, away] = [cluster.node(1), cluster.node(3)];
    await Promise.all(keys.map((key) => cluster.put(first, key, 'old')));
    await away.end('SIGKILL');
    await Promise.all(
      keys.map(async (key) => expect((await cluster.put(first, key, 'new')).status).toBe(200)),
    );
    await Promise.all(
      deleted.map(async (key) => expect((await cluster.delete(first, key)).status).toBe(200)),
    );
    away.start();
    const expected = (key: string) => (deleted.includes(key) ? null : 'new');
    const own = async (key: string) => {
      // `one` is served by the node itself where it is a replica: what it answers is what it has stored.
      const answer = await cluster.get(away, key, '?consistency=one');
      return answer.status === 404 ? null : valueIn(answer);
    };
    await until('its own data is as new as the others’', 10_000, async () => {
      const found = await Promise.all(keys.map(own));
      return found.every((value, i) => value === expected(keys[i]!));
    });
    for (const node of cluster.nodes) {
      const found = await Promise.all(deleted.map((key) => cluster.get(node, key)));
      expect(found.map(({ status }) => status)).toEqual(deleted.map(() => 404));
    }
  });
});
