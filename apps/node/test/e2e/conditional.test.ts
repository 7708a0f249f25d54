import { createClient } from '@starling/client';
import { increment } from '@starling/client/recipes/increment.ts';
import { Prng } from '@starling/testing/sim/prng.ts';
import { afterEach, expect, it } from 'vitest';
import { outputIn } from './http-call.ts';
import { TestCluster, until } from './test-cluster.ts';
import type { TestNode } from './test-node.ts';

let cluster: TestCluster;

afterEach(() => cluster.close());

const firstPort = 18_360;
const clients = 16;
const increments = 100;
/** So many of each client's are left for when the ring has come to rest: what was counted before must still count. */
const incrementsAfter = 10;
/** Time for one increment with all that it takes: a node is down for two seconds at most. */
const timeoutMs = 60_000;
const key = 'counter';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function stateOf(node: TestNode): Promise<string> {
  return outputIn('cluster.status', await cluster.call(node, 'GET', '/api/v1/status')).state;
}

/** A node that has left for good is not one to kill. */
async function isKillable(node: TestNode): Promise<boolean> {
  return (await stateOf(node)) !== 'left';
}

/** Kills one node after the other at random and starts it again, until told to stop: at most one is down at a time. */
async function killAtRandom(random: Prng, over: () => boolean): Promise<number> {
  let kills = 0;
  while (!over()) {
    await wait(random.real(500, 2000));
    const node = random.pick(cluster.nodes);
    if (!(await isKillable(node))) continue;
    await node.end('SIGKILL');
    kills++;
    await wait(random.real(200, 2000));
    node.start([`--seed-node=127.0.0.1:${firstPort + (node.port === firstPort ? 1 : 0)}`]);
    await until(`${node.id} serves again`, 60_000, async () => {
      const state = await stateOf(node);
      return state !== 'starting' && state !== 'recovering';
    });
  }
  return kills;
}

/** Lets a fourth node in, and one of the first three go. */
async function moveTheRing(): Promise<void> {
  const fourth = cluster.add();
  await until('the fourth is in', 120_000, async () => (await stateOf(fourth)) === 'normal');
  const leaving = cluster.node(3);
  const drain = { nodeId: leaving.id, id: 'leave' };
  // Whoever is asked may be killed at that moment: the same id is the same operation.
  await until('the third begins to leave', 60_000, async () => {
    const asked = await cluster.call(cluster.node(1), 'POST', '/api/v1/cluster/drain', drain);
    return asked.status === 200;
  });
  await until('the third has left', 120_000, async () => (await stateOf(leaving)) === 'left');
}

it(`${clients} clients that add one ${increments} times each, through nodes that are killed, come and leave, come to ${clients * increments}`, {
  timeout: 600_000,
}, async () => {
  const random = new Prng(Number(process.env['STARLING_SEED'] ?? Date.now()));
  cluster = await TestCluster.start(firstPort, 3);
  const endpoints = [0, 1, 2, 3].map((index) => `http://127.0.0.1:${firstPort + index}`);
  let over = false;
  const moved = moveTheRing();
  const killing = killAtRandom(random, () => over);
  const count = async () => {
    for (let i = 0; i < increments; i++) {
      if (i === increments - incrementsAfter) await moved;
      // A new client begins at a node drawn at random.
      await increment(createClient({ endpoints }), key, 1, { timeoutMs });
    }
  };
  const counted = await Promise.allSettled(Array.from({ length: clients }, count));
  over = true;
  const kills = await killing;
  expect(counted.filter(({ status }) => status === 'rejected')).toEqual([]);
  expect((await createClient({ endpoints }).get(key))?.value).toBe(clients * increments);
  expect(kills).toBeGreaterThan(0);
});
