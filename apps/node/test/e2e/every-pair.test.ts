import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorIn, outputIn, valueIn } from './http-call.ts';
import { TestCluster } from './test-cluster.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start(18_300, 3);
});

afterAll(() => cluster.close());

const keys = [
  'plain',
  'with spaces and\ttabs',
  'a/b/c',
  '/leading',
  'trailing/',
  '..',
  '../../etc/passwd',
  '.',
  '//',
  '__proto__',
  'constructor',
  'toString',
  'emoji 🐦‍⬛ 🎉',
  'e\u0301 and \u00e9',
  'percent %2F %',
  'plus+and&amp=?#;',
  'quotes "\'`\\',
  'null\u0000inside',
  '\u{10ffff}',
  'data',
  'api/v1/data/x',
  'x'.repeat(1024),
  'é'.repeat(512),
];

const values: unknown[] = [
  '',
  0,
  -0.5,
  1e308,
  null,
  true,
  false,
  'text with "quotes" and \u2028 and 🐦‍⬛',
  [],
  {},
  [[[]], {}],
  { constructor: 1, nested: { deep: [1, { deeper: null }] } },
  JSON.parse('{"__proto__":{"a":1}}'),
  Array.from({ length: 1000 }, (_, i) => i),
];

describe('three nodes', () => {
  const pairs = [1, 2, 3].flatMap((from) => [1, 2, 3].map((to) => [from, to] as const));

  it.each(pairs)(
    'read through node %i→%i what was written, and no longer once it is deleted',
    async (from, to) => {
      const key = `pair-${from}-${to}`;
      const [writer, reader] = [cluster.node(from), cluster.node(to)];
      const written = await cluster.put(writer, key, { from, to });
      expect(written.status).toBe(200);
      expect(written.body).toMatchObject({ key, value: { from, to }, context: expect.any(String) });
      const read = await cluster.get(reader, key);
      expect(read.status).toBe(200);
      expect(read.body).toMatchObject({ key, value: { from, to } });
      expect(read.headers['etag']).toBe(written.headers['etag']);
      expect((await cluster.delete(reader, key)).status).toBe(200);
      const gone = await cluster.get(writer, key);
      expect(gone.status).toBe(404);
      expect(errorIn(gone).code).toBe('not_found');
      expect((await cluster.delete(writer, key)).status).toBe(200);
    },
  );

  it.each(keys.map((key) => [key] as const))('keep the key %j apart from all others', async (key) => {
    expect((await cluster.put(cluster.node(1), key, `value of ${key}`)).status).toBe(200);
    const read = await cluster.get(cluster.node(3), key);
    expect(read.body).toMatchObject({ key, value: `value of ${key}` });
  });

  it('list every key that was written, in order of their bytes', async () => {
    for (const key of keys) expect((await cluster.put(cluster.node(1), key, 1)).status).toBe(200);
    const listed: string[] = [];
    let cursor: string | null = null;
    do {
      const page: string = cursor === null ? '' : `&cursor=${cursor}`;
      const answer = await cluster.call(cluster.node(2), 'GET', `/api/v1/data?limit=5${page}`);
      const found = outputIn('data.list', answer);
      listed.push(...found.keys);
      cursor = found.cursor;
    } while (cursor !== null);
    const sorted = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(listed).toEqual(sorted);
  });

  it.each(values.map((value) => [value] as const))('give back the value %j as it was', async (value) => {
    expect((await cluster.put(cluster.node(2), 'value', value)).status).toBe(200);
    const read = await cluster.get(cluster.node(1), 'value');
    expect(JSON.stringify(valueIn(read))).toBe(JSON.stringify(value));
  });

  it('take a value of 1 MiB and refuse one byte more', async () => {
    const largest = 'x'.repeat(1_048_576 - 2);
    expect((await cluster.put(cluster.node(1), 'large', largest)).status).toBe(200);
    expect(valueIn(await cluster.get(cluster.node(2), 'large'))).toBe(largest);
    const refused = await cluster.put(cluster.node(1), 'large', `${largest}x`);
    expect(refused.status).toBe(413);
    expect(errorIn(refused).code).toBe('payload_too_large');
  });

  it('refuse a key of 1025 bytes', async () => {
    expect(errorIn(await cluster.put(cluster.node(1), 'x'.repeat(1025), 1)).code).toBe('invalid_key');
  });

  it('read curl’s default form type as JSON', async () => {
    const response = await fetch(`http://127.0.0.1:${cluster.node(3).port}/api/v1/data/cluster:test`, {
      method: 'PUT',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: '{"value":"works"}',
    });
    expect(response.status).toBe(200);
    expect(valueIn(await cluster.get(cluster.node(1), 'cluster:test'))).toBe('works');
  });
});
