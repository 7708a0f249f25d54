import { readFileSync } from 'node:fs';
import { createClient, StarlingError } from '@starling/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Edge, startEdge } from '../../test/edge.ts';
import { SingleCopyMachine } from '../../test/single-copy-machine.ts';

/** The client of packages/client against real servers: three edges in front of one machine. */

let machine: SingleCopyMachine;
let edges: Edge[];

beforeEach(async () => {
  machine = new SingleCopyMachine();
  edges = await Promise.all([startEdge(machine), startEdge(machine), startEdge(machine)]);
});
afterEach(() => Promise.all(edges.map((edge) => edge.close())));

const clientOfAll = () => createClient({ endpoints: edges.map((edge) => edge.base) });

describe('a client', () => {
  test('writes, reads, lists and deletes', async () => {
    const client = clientOfAll();
    await client.put('a/1', { n: 1 });
    await client.put('a/2', null, { ttlSeconds: 60 });
    expect(await client.get('a/1')).toMatchObject({ value: { n: 1 }, siblings: [] });
    expect((await client.get('a/2'))?.expiresAt).toBeGreaterThan(Date.now());
    const keys: string[] = [];
    for await (const key of client.keys('a/')) keys.push(key);
    expect(keys).toEqual(['a/1', 'a/2']);
    await client.delete('a/1');
    expect(await client.get('a/1')).toBeNull();
    expect((await client.ring('a/1')).placement?.preferenceList).toEqual(['node-1']);
    expect((await client.status()).ready).toBe(true);
  });

  test('splits batches, and tells of each item by itself', async () => {
    const client = clientOfAll();
    const items = Array.from({ length: 600 }, (_, i) => ({ key: `b/${i}`, value: i }));
    const written = await client.putMany(items);
    expect(written.every((result) => result.ok)).toBe(true);
    const read = await client.getMany(['b/599', 'none', 'b/0']);
    expect(read.map((result) => (result.ok ? result.output.value : result.error.code))).toEqual([
      599,
      'not_found',
      0,
    ]);
    const deleted = await client.deleteMany(items.map(({ key }) => ({ key })));
    expect(deleted).toHaveLength(600);
  });

  test('goes on while nodes are stopped, as long as one is left', async () => {
    const client = clientOfAll();
    await edges[0]?.close();
    await edges[1]?.close();
    for (let i = 0; i < 6; i++) expect((await client.put('k', i)).key).toBe('k');
    expect((await client.get('k'))?.value).toBe(5);
  });

  test('says when nobody can be reached, and that nothing happened', async () => {
    const client = createClient({ endpoints: ['http://127.0.0.1:18199'] });
    const error = await client.put('k', 1, { timeoutMs: 5000 }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(StarlingError);
    expect(error).toMatchObject({
      code: 'no_node_reachable',
      outcome: 'failed',
      endpoint: 'http://127.0.0.1:18199',
    });
  });

  test('does not know what became of a write that was not answered in time', async () => {
    machine.hold = new Promise(() => {});
    const error = await clientOfAll()
      .put('k', 1, { timeoutMs: 200 })
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'deadline_exceeded', outcome: 'unknown' });
  });

  test('repeats a write under its id, which is applied once', async () => {
    const client = clientOfAll();
    const first = await client.put('once', 1, { requestId: 'r-1' });
    const again = await client.put('once', 1, { requestId: 'r-1' });
    expect([again.repeated, again.dot]).toEqual([true, first.dot]);
  });

  test('passes on what the machine says', async () => {
    machine.error = {
      code: 'too_many_siblings',
      outcome: 'failed',
      message: 'read first',
      details: { siblings: 100 },
    };
    const error = await clientOfAll()
      .put('k', 1)
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'too_many_siblings', outcome: 'failed', details: { siblings: 100 } });
  });

  test('understands a refusal of the edge, where no procedure was reached', async () => {
    const error = await clientOfAll()
      .put('k', 'x'.repeat(9_000_000))
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'payload_too_large', outcome: 'failed' });
  });

  test('is stopped by its signal, and the node hears of it', async () => {
    machine.hold = new Promise(() => {});
    const aborter = new AbortController();
    const pending = clientOfAll().get('k', { signal: aborter.signal });
    await expect.poll(() => machine.waiting).toBe(1);
    aborter.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    await expect.poll(() => machine.gone).toBe(1);
  });
});

describe('a session', () => {
  test('replaces what it has read, and keeps what it has not', async () => {
    const client = clientOfAll();
    await client.put('doc', 'draft');
    const mine = client.session();
    const yours = client.session();
    await Promise.all([mine.get('doc'), yours.get('doc')]);
    await mine.put('doc', 'mine');
    await yours.put('doc', 'yours');
    const both = await yours.get('doc');
    expect([both?.value, both?.siblings.map((sibling) => sibling.value)]).toEqual(['yours', ['mine']]);
    await yours.put('doc', 'ours');
    expect(await client.get('doc')).toMatchObject({ value: 'ours', siblings: [] });
  });

  test('brings back a deleted key without a conflict', async () => {
    const session = clientOfAll().session();
    await session.put('k', 1);
    await session.delete('k');
    expect(await session.get('k')).toBeNull();
    expect((await session.put('k', 2)).siblingCount).toBe(0);
  });

  test('that forgets a key writes over whatever is there', async () => {
    const client = clientOfAll();
    const session = client.session();
    await session.put('k', 1);
    await client.put('k', 2);
    session.forget('k');
    expect((await session.put('k', 3)).siblingCount).toBe(0);
  });
});

test('the example of the README runs as it stands', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.resolve('@starling/client')), 'utf8');
  const [, example = ''] =
    /```ts\nimport \{ createClient \} from '@starling\/client';\n(.*?)```/s.exec(readme) ?? [];
  expect(example.split('\n').length).toBeLessThanOrEqual(10);
  const lines: unknown[][] = [];
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  const run = new AsyncFunction('createClient', 'console', example);
  await run(clientOfAll, { log: (...line: unknown[]) => lines.push(line) });
  expect(lines).toEqual([['users/ada', { name: 'Ada', born: 1815 }]]);
  expect(await clientOfAll().get('users/ada')).toBeNull();
});
