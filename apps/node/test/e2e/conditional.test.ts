import { createClient } from '@starling/client';
import { increment } from '@starling/client/recipes/increment.ts';
import { Prng } from '@starling/testing/sim/prng.ts';
import { afterEach, expect, it } from 'vitest';
import { TestCluster } from './test-cluster.ts';

let cluster: TestCluster;

afterEach(() => cluster.close());

const clients = 16;
const increments = 100;
/** Time for one increment with all that it takes: a node is down for two seconds at most. */
const timeoutMs = 60_000;
const key = 'counter';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Kills one node after the other at random and starts it again, until told to stop. */
async function killAtRandom(random: Prng, over: () => boolean): Promise<number> {
  let kills = 0;
  while (!over()) {
    const node = random.pick(cluster.nodes);
    await node.end('SIGKILL');
    kills++;
    await wait(random.real(200, 2000));
    node.start();
    await cluster.settled(60_000);
    await wait(random.real(500, 2000));
  }
  return kills;
}

it(`${clients} clients that add one ${increments} times each, through nodes that are killed, come to ${clients * increments}`, {
  timeout: 600_000,
}, async () => {
  const random = new Prng(Number(process.env['STARLING_SEED'] ?? Date.now()));
  cluster = await TestCluster.start(18_360, 3);
  const endpoints = cluster.nodes.map(({ port }) => `http://127.0.0.1:${port}`);
  let over = false;
  const killing = killAtRandom(random, () => over);
  const count = async () => {
    for (let i = 0; i < increments; i++) {
      // A new client begins at a node drawn at random.
      const client = createClient({ endpoints });
      await increment(client, key, 1, { timeoutMs });
    }
  };
  const counted = await Promise.allSettled(Array.from({ length: clients }, count));
  over = true;
  const kills = await killing;
  expect(counted.filter(({ status }) => status === 'rejected')).toEqual([]);
  const client = createClient({ endpoints });
  expect((await client.get(key))?.value).toBe(clients * increments);
  expect(kills).toBeGreaterThan(0);
});
