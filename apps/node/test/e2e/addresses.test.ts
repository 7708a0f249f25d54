import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueIn } from './http-call.ts';
import { TestCluster, until } from './test-cluster.ts';
import { TestNode } from './test-node.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start(18_360, 3);
});

afterAll(() => cluster.close());

/** The same node on the same data, at another port, as a container that was started anew has another address. */
function moved(number: number, port: number, flags: readonly string[] = []): TestNode {
  const old = cluster.node(number);
  const node = new TestNode(old.id, port, old.dataDir);
  cluster.nodes[number - 1] = node;
  node.start(flags);
  return node;
}

describe('nodes whose addresses change', () => {
  it('are found at the new one by the others, one at a time', async () => {
    await cluster.put(cluster.node(1), 'moving', 'before');
    await cluster.node(3).end('SIGKILL');
    const third = moved(3, 18_365);
    await cluster.settled();
    await until('the others know the new address', 10_000, async () => {
      const members = await cluster.members(cluster.node(1));
      return members.some(({ nodeId, address }) => nodeId === third.id && address.endsWith(':18365'));
    });
    expect(valueIn(await cluster.get(third, 'moving'))).toBe('before');
    expect((await cluster.put(cluster.node(1), 'moving', 'after', '?consistency=all')).status).toBe(200);
  });

  it('find each other all at once, through a seed that is a name', async () => {
    await Promise.all(cluster.nodes.map((node) => node.end('SIGTERM')));
    const seeds = ['--seed-node=localhost:18366', '--seed-node=localhost:18367'];
    for (const [i, port] of [18_366, 18_367, 18_368].entries()) moved(i + 1, port, seeds);
    await cluster.settled();
    expect(valueIn(await cluster.get(cluster.node(2), 'moving'))).toBe('after');
  });
});
