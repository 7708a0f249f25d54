import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputIn, valueIn } from './http-call.ts';
import { TestCluster, until } from './test-cluster.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start(18_750, 4);
}, 120_000);

afterAll(() => cluster.close());

const old = Array.from({ length: 300 }, (_, i) => `old-${i}`);

async function ring() {
  return outputIn('cluster.ring', await cluster.call(cluster.node(1), 'GET', '/api/v1/ring'));
}

async function expectServed(): Promise<void> {
  const read = await Promise.all(old.map((key) => cluster.get(cluster.node(2), key)));
  expect(read.map(valueIn)).toEqual(old);
}

describe('four nodes, of which one dies for good', { timeout: 240_000 }, () => {
  it('give its place to a new node that asks for it, with the very same arcs', async () => {
    await Promise.all(old.map((key) => cluster.put(cluster.node(1), key, key)));
    const before = await ring();
    await cluster.node(4).end('SIGKILL');
    cluster.add(['--replace=node-4']);
    await until('node-5 is in its place', 120_000, async () => {
      const { nodes } = await ring();
      const found = nodes.map(({ nodeId, status }) => `${nodeId} ${status}`).join();
      return found === 'node-1 normal,node-2 normal,node-3 normal,node-5 normal';
    });
    const owners = (vnodes: typeof before.vnodes) =>
      vnodes.map(({ token, nodeId }) => `${token} ${nodeId === 'node-4' ? 'node-5' : nodeId}`);
    expect(owners((await ring()).vnodes)).toEqual(owners(before.vnodes));
    await expectServed();
  });

  it('have a member removed that does not come back, and change N', async () => {
    await cluster.node(5).end('SIGKILL');
    const remove = () =>
      cluster.call(cluster.node(1), 'POST', '/api/v1/cluster/remove', { nodeId: 'node-5', id: 'gone' });
    // Until it is known to be dead the answer is that it is alive.
    await until('the removal is granted', 60_000, async () => (await remove()).status === 200);
    await until('it is done', 120_000, async () => (await ring()).nodes.length === 3);
    await expectServed();
    const fewer = { replicas: 2, id: 'fewer' };
    await until('N is two', 60_000, async () => {
      await cluster.call(cluster.node(3), 'POST', '/api/v1/cluster/replicas', fewer);
      return (await ring()).replicas === 2;
    });
    await expectServed();
  });
});
