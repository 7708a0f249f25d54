import { apiLimits, appRouter } from '@starling/api-types';
import { expect, test, vi } from 'vitest';
import { SingleCopyMachine } from '../../test/single-copy-machine.ts';
import { nodeLimits } from '../limits.ts';
import { batchGet, batchGetJson, inSlices } from './batch.ts';
import { Caller } from './caller.ts';
import { LocalNodeService } from './node-service.ts';

const machine = new SingleCopyMachine();
const contexts = { encode: () => 'token', decode: () => null };
const service = new LocalNodeService(machine, contexts);
const caller = appRouter.createCaller({ service, info: { requestId: 'test' } });

test('each item has its own result, in the order asked', async () => {
  const items = [
    { key: 'a', value: 1 },
    { key: 'b', value: 'x'.repeat(1_048_576) },
    { key: 'c', value: 3 },
  ];
  const { results } = await caller.batch.put({ items });
  expect(results.map((result) => [result.key, result.ok ? 'ok' : result.error.code])).toEqual([
    ['a', 'ok'],
    ['b', 'payload_too_large'],
    ['c', 'ok'],
  ]);
});

test('a batch is under one request id, and each item under its own', async () => {
  machine.seen.length = 0;
  await caller.batch.delete({ items: [{ key: 'a' }, { key: 'c' }], requestId: 'batch-1' });
  const ids = machine.seen.map((request) => (request.kind === 'delete' ? request.requestId : null));
  expect(ids).toEqual(['batch-1/0', 'batch-1/1']);
});

test('the longest id of a batch leaves room for the largest index (apiLimits.batchRequestIdCharsMax)', () => {
  const longest = `${'r'.repeat(apiLimits.batchRequestIdCharsMax)}/${apiLimits.batchItemsMax - 1}`;
  expect(longest.length).toBeLessThanOrEqual(apiLimits.requestIdCharsMax);
});

test('values beyond the bound of an answer are refused one by one (apiLimits.batchAnswerBytesMax)', async () => {
  const value = 'x'.repeat(1_048_574);
  const keys = Array.from({ length: 18 }, (_, i) => `large/${i}`);
  for (const key of keys) await caller.data.put({ key, value });
  const { results } = await caller.batch.get({ keys });
  expect(results.filter((result) => result.ok).length).toBe(16);
  expect(results.filter((result) => !result.ok && result.error.code === 'payload_too_large').length).toBe(2);
});

test('many keys as text around the stored bytes are the same document', async () => {
  const large = 'x'.repeat(100_000);
  for (const [key, value] of [
    ['one', 1],
    ['"quoted"', { a: [null] }],
    ['large', large],
  ] as const)
    await caller.data.put({ key, value });
  await caller.data.put({ key: 'gone', value: 1 });
  await caller.data.delete({ key: 'gone' });
  const keys = ['one', 'missing', '"quoted"', 'gone', 'large'];
  for (const options of [{}, { r: 1 }, { r: 7 }] as const) {
    const text = await batchGetJson(service, { keys, ...options }, new Caller());
    expect(JSON.parse(text.toString())).toEqual(await batchGet(service, { keys, ...options }, new Caller()));
  }
});

test('a batch makes way for others after a slice of time (nodeLimits.batchSliceMs)', async () => {
  let ms = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => ms);
  let turns = 0;
  const count = () => {
    turns++;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  const begunIn: number[] = [];
  const results = await inSlices([1, 2, 3, 4, 5], async (item) => {
    begunIn.push(turns);
    ms += nodeLimits.batchSliceMs / 2;
    return item;
  });
  clearImmediate(counting);
  vi.restoreAllMocks();
  expect(results).toEqual([1, 2, 3, 4, 5]);
  expect(begunIn).toEqual([0, 0, 1, 1, 2]);
});
