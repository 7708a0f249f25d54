import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorIn, valueIn } from './http-call.ts';
import { TestCluster, until } from './test-cluster.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start(18_315, 3);
});

afterAll(() => cluster.close());

describe('two of three nodes that stand still', () => {
  it('are answered for with a 503 that says what was needed and who answered, and all is well when they go on', async () => {
    const [standing, ...paused] = [cluster.node(1), cluster.node(2), cluster.node(3)];
    await cluster.put(standing, 'before', 'kept');
    for (const node of paused) node.pause();
    for (const method of ['PUT', 'GET', 'DELETE'] as const) {
      const asked = performance.now();
      const key = `/api/v1/data/${method === 'GET' ? 'before' : 'during'}`;
      const answer = await cluster.call(standing, method, key, method === 'PUT' ? { value: 1 } : undefined);
      expect(performance.now() - asked).toBeLessThan(4_000);
      expect(answer.status).toBe(503);
      const error = errorIn(answer);
      expect(error.code).toBe('quorum_unavailable');
      // Nothing was written anywhere: a write first asks a majority what it has seen.
      expect(error.outcome).toBe('failed');
      expect(error.details).toMatchObject({ needed: 2 });
      expect(JSON.stringify(error.details)).toContain('node-1');
    }
    // A read that asks for no more than this node can give is served: it is a weaker promise, asked for by name.
    const one = await cluster.get(standing, 'before', '?consistency=one');
    expect(valueIn(one)).toBe('kept');
    for (const node of paused) node.resume();
    await until(
      'reads and writes work again',
      10_000,
      async () => (await cluster.put(standing, 'after', 1)).status === 200,
    );
    await until('everybody is alive again', 20_000, async () => (await cluster.alive(standing)) === 3);
    for (const node of cluster.nodes) expect(valueIn(await cluster.get(node, 'before'))).toBe('kept');
  });
});
