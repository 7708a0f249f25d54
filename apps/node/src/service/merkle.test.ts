import type { MerkleComparison, MerkleSync, MerkleTree } from '@starling/api-types';
import { apiLimits } from '@starling/api-types';
import { type ActorId, keyRef, limits, type Member } from '@starling/core';
import { treeDepthMax } from '@starling/core/antientropy/tree-nodes.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Edge, startEdge } from '../../test/edge.ts';

let edge: Edge;
beforeEach(async () => {
  edge = await startEdge();
  const [self] = edge.machine.view().members;
  const members = ['node-2', 'node-3'].map((nodeId) => ({ ...self!, nodeId }) as Member);
  edge.machine.inspection = { members };
});
afterEach(() => edge.close());

const ask = (path: string) => fetch(`${edge.base}/api/v1/merkle-tree${path}`);
async function json<T>(path: string): Promise<T> {
  const response = await ask(path);
  expect(response.status).toBe(200);
  return (await response.json()) as T; // The contract tests hold it to the schema.
}

describe('the tree', () => {
  test('is told level by level and page by page, with who is proven to hold the same', async () => {
    const root = await json<MerkleTree>('?depth=0');
    expect(root).toMatchObject({ observer: 'node-1', ringEpoch: 1, complete: true, cursor: null });
    expect(root.nodes).toMatchObject([{ from: 0, to: 65_535, hash: '0000000000000000', records: 0 }]);
    expect(root.nodes[0]!.replicas).toEqual([
      { nodeId: 'node-2', provenEqualAt: 1000 },
      { nodeId: 'node-3', provenEqualAt: null },
    ]);
    const first = await json<MerkleTree>('?depth=4&from=4095&to=4097&limit=2');
    expect(first.nodes.map(({ from }) => from)).toEqual([4095, 4096]);
    const second = await json<MerkleTree>(`?depth=4&from=4095&to=4097&limit=2&cursor=${first.cursor}`);
    expect(second.nodes.map(({ from }) => from)).toEqual([4097]);
    expect(second.cursor).toBeNull();
  });

  test('has so many nodes on a page that does not say (apiLimits.treePageNodesDefault)', async () => {
    const page = await json<MerkleTree>('?depth=4');
    expect(page.nodes).toHaveLength(apiLimits.treePageNodesDefault);
  });

  test.each(['?from=2&to=1', '?depth=5', '?from=65536', '?cursor=zz', '?cursor=12345'])(
    'refuses %s',
    async (query) => {
      expect((await ask(query)).status).toBe(400);
    },
  );

  test('has the levels that the machine has', () => {
    expect(apiLimits.treeDepthMax).toBe(treeDepthMax);
  });
});

describe('a comparison', () => {
  const actor = 'node-1~1.0' as ActorId;
  const differing = ['a', 'b', 'c']
    .map((key) => keyRef('default', key))
    .sort((a, b) => (a.row < b.row ? -1 : 1));

  test('tells what each holds, and goes on behind the last key', async () => {
    edge.machine.differences = ({ after, limit }) => {
      const later = differing.filter(({ row }) => row > after);
      const shown = later.slice(0, limit);
      return {
        sharedBuckets: 65_536,
        buckets: 3,
        keys: shown.map((ref) => ({ ref, here: [{ actor, counter: 4 }], there: null })),
        next: later.length > limit ? shown.at(-1)!.row : null,
      };
    };
    const first = await json<MerkleComparison>('/compare/node-2?limit=2');
    expect(first).toMatchObject({ observer: 'node-1', node: 'node-2', differingBuckets: 3 });
    expect(first.keys[0]).toEqual({
      table: 'default',
      key: differing[0]!.key,
      bucket: differing[0]!.bucket,
      here: [{ actor, counter: 4 }],
      there: null,
    });
    const second = await json<MerkleComparison>(`/compare/node-2?limit=2&cursor=${first.cursor}`);
    expect([...first.keys, ...second.keys].map(({ key }) => key)).toEqual(differing.map(({ key }) => key));
    expect(second.cursor).toBeNull();
  });

  test.each([
    ['silent', 503, 'no_node_reachable'],
    ['unreachable', 503, 'no_node_reachable'],
    ['ownTree', 503, 'not_ready'],
    ['recovering', 503, 'not_ready'],
  ] as const)('that is %s is no answer', async (reason, status, code) => {
    edge.machine.differences = () => ({ brokenOff: reason });
    const response = await ask('/compare/node-2');
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code, details: { reason } } });
  });

  test.each(['/compare/node-9', '/compare/node-1', '/compare/a%2Fb', '/compare/node-2?cursor=xyz'])(
    'refuses %s',
    async (path) => {
      expect((await ask(path)).status).toBe(400);
    },
  );
});

describe('a comparison that is asked for', () => {
  async function begin(body: object): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    return fetch(`${edge.base}/api/v1/merkle-tree/sync`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
  }

  test('is begun with every node both ways unless it says otherwise, and can be looked at', async () => {
    const begun = (await (await begin({})).json()) as MerkleSync;
    expect(begun).toMatchObject({ node: null, direction: 'both', dryRun: false, endedAt: null });
    expect(begun.peers.map(({ nodeId, state }) => [nodeId, state])).toEqual([
      ['node-2', 'waiting'],
      ['node-3', 'waiting'],
    ]);
    const [job] = edge.machine.jobs;
    job!.begun({ buckets: 2, bucketsDone: 1, keys: 1, pulled: 1, pushed: 0 });
    const { syncs } = await json<{ syncs: MerkleSync[] }>(`/sync?id=${begun.id}`);
    expect(syncs[0]!.peers[0]).toMatchObject({ state: 'running', bucketsDone: 1, pulled: 1 });
  });

  test.each([
    ['pull', { pull: true, push: false }],
    ['push', { pull: false, push: true }],
    ['both', { pull: true, push: true }],
  ])('goes the way it is told: %s', async (direction, aim) => {
    const response = await begin({ node: 'node-2', direction, dryRun: true });
    expect(await response.json()).toMatchObject({ node: 'node-2', direction, dryRun: true });
    expect(edge.machine.jobs).toMatchObject([{ peer: 'node-2', aim: { ...aim, dryRun: true } }]);
  });

  test('is refused while as many as may are still to be done', async () => {
    for (let i = 0; i < limits.syncsMax; i++) expect((await begin({ node: 'node-2' })).status).toBe(200);
    const response = await begin({ node: 'node-2' });
    expect(response.status).toBe(429);
  });

  test.each([{ node: 'node-9' }, { node: 'node-1' }, { direction: 'up' }, { dryRun: 1 }, { what: 1 }])(
    'refuses %j',
    async (body) => {
      expect((await begin(body)).status).toBe(400);
    },
  );
});
