import type { OutputOf } from '@starling/api-types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputIn, valueIn } from './http-call.ts';
import { Load, lostWrites } from './load.ts';
import { TestCluster, until } from './test-cluster.ts';
import type { TestNode } from './test-node.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start(18_740, 5);
}, 120_000);

afterAll(() => cluster.close());

const old = Array.from({ length: 300 }, (_, i) => `old-${i}`);

async function operation(id: string): Promise<OutputOf<'cluster.operations'>['operations'][number]> {
  const answer = await cluster.call(cluster.node(1), 'GET', `/api/v1/cluster/operations?id=${id}`);
  return outputIn('cluster.operations', answer).operations[0]!;
}

async function stateOf(node: TestNode): Promise<string> {
  return outputIn('cluster.status', await cluster.call(node, 'GET', '/api/v1/status')).state;
}

async function restart(node: TestNode): Promise<void> {
  await node.end('SIGKILL');
  node.start(['--seed-node=127.0.0.1:18740']);
}

async function keysOn(node: TestNode): Promise<number> {
  return outputIn('cluster.storage', await cluster.call(node, 'GET', '/api/v1/storage')).keys;
}

describe('five nodes under load, of which one is drained', { timeout: 240_000 }, () => {
  it('show a plan, carry out exactly that, fail no request, and leave each key on exactly three nodes', async () => {
    await Promise.all(old.map((key) => cluster.put(cluster.node(1), key, key)));
    const asked = { kind: 'drain', nodeId: 'node-5' };
    const answer = await cluster.call(cluster.node(2), 'POST', '/api/v1/cluster/plan', asked);
    const plan = outputIn('cluster.plan', answer);
    expect(plan.imbalance).toBeLessThanOrEqual(1.05);
    const leaver = plan.moves.find(({ nodeId }) => nodeId === 'node-5')!;
    expect([leaver.gains, leaver.loses]).toEqual([0, plan.bucketsMoved]);

    const load = new Load(cluster, { writers: 8, readShare: 0.5, targets: () => cluster.nodes.slice(0, 2) });
    const begun = await cluster.call(cluster.node(3), 'POST', '/api/v1/cluster/drain', {
      nodeId: 'node-5',
      id: 'leave',
      plan: plan.plan,
    });
    const { bucketsTotal, takers } = outputIn('cluster.drain', begun);
    expect(bucketsTotal).toBe(plan.bucketsMoved);
    expect(takers.map(({ nodeId, bucketsTotal: gains }) => ({ nodeId, gains }))).toEqual(
      plan.moves.filter(({ gains }) => gains > 0).map(({ nodeId, gains }) => ({ nodeId, gains })),
    );
    await until('node-5 has left', 120_000, async () => (await stateOf(cluster.node(5))) === 'left');
    await until('it is done', 10_000, async () => (await operation('leave')).state === 'done');
    const record = await load.stop();
    expect(record.failures).toEqual([]);
    const rest = cluster.nodes.slice(0, 4);
    for (const node of rest) expect(await lostWrites(cluster, record, node)).toEqual([]);
    const keys = old.length + record.acknowledged.size;
    await until('every key is on three nodes', 60_000, async () => {
      const counts = await Promise.all(rest.map(keysOn));
      return counts.reduce((sum, count) => sum + count, 0) === 3 * keys;
    });
    expect(await keysOn(cluster.node(5))).toBe(0);
    const read = await Promise.all(old.map((key) => cluster.get(cluster.node(5), key)));
    expect(read.map(valueIn)).toEqual(old);
  });

  it('take the node back when it is told to join, and drop a drain that is aborted', async () => {
    const node = cluster.node(5);
    await restart(node);
    await until('it knows that it has left', 30_000, async () => (await stateOf(node)) === 'left');
    expect((await cluster.call(node, 'POST', '/gossip/join')).status).toBe(200);
    await cluster.settled(120_000);

    const begun = await cluster.call(node, 'POST', '/gossip/leave', { id: 'second' });
    expect(outputIn('gossip.leave', begun).nodeId).toBe('node-5');
    const aborted = await cluster.call(cluster.node(2), 'POST', '/api/v1/cluster/operations/abort', {
      id: 'second',
    });
    // It may have been done already: then there is nothing to give up, and the answer says so.
    expect([200, 409]).toContain(aborted.status);
    // The node that answers here may hear of that ring a moment after the one that was told to abort.
    const ended = aborted.status === 200 ? 'aborted' : 'done';
    await until(`it is ${ended}`, 10_000, async () => (await operation('second')).state === ended);
    if (aborted.status === 409) {
      await until('it has left', 60_000, async () => (await stateOf(node)) === 'left');
      expect((await cluster.call(node, 'POST', '/gossip/join')).status).toBe(200);
    }
    await cluster.settled(120_000);
  });

  it('go on with a drain whose nodes are killed, the leaving one and its heirs, and lose no write that was acknowledged', async () => {
    const load = new Load(cluster, { writers: 8, readShare: 0.5, targets: () => cluster.nodes.slice(0, 2) });
    const begun = await cluster.call(cluster.node(1), 'POST', '/api/v1/cluster/drain', {
      nodeId: 'node-4',
      id: 'third',
    });
    expect(begun.status).toBe(200);
    for (const node of [cluster.node(4), cluster.node(5), cluster.node(3)]) await restart(node);
    await until('node-4 has left', 120_000, async () => (await stateOf(cluster.node(4))) === 'left');
    await until('it is done', 10_000, async () => (await operation('third')).state === 'done');
    const record = await load.stop();
    const rest = [1, 2, 3, 5].map((number) => cluster.node(number));
    for (const node of rest) expect(await lostWrites(cluster, record, node)).toEqual([]);
    expect(await keysOn(cluster.node(4))).toBe(0);
  });
});
