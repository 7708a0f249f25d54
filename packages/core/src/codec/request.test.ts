import { expect, test } from 'vitest';
import type { MonoMs } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { ClientRequest, ListRequest, PutRequest } from '../coordinator/request.ts';
import { keyRef } from '../ring/key.ts';
import { ByteReader } from './reader.ts';
import { readRequest, writeRequest } from './request.ts';
import { ByteWriter } from './writer.ts';

/** Bounds that every node's edge holds clients to, held again for what other nodes forward. */

const now = 1000 as MonoMs;

/** The request as another node reads it; null if it refuses to. */
function forwarded(request: ClientRequest): ClientRequest | null {
  const writer = new ByteWriter();
  writeRequest(writer, request, now);
  const reader = new ByteReader(writer.finish());
  const read = readRequest(reader, now);
  return reader.complete() ? read : null;
}

const put = (fields: Partial<PutRequest>): PutRequest => ({
  kind: 'put',
  ref: keyRef('default', 'k'),
  level: 'quorum',
  deadlineAt: now,
  explain: false,
  context: null,
  requestId: null,
  condition: null,
  value: new Uint8Array(1),
  expiresAt: 0,
  ...fields,
});

const list = (limit: number): ListRequest => ({
  kind: 'list',
  table: 'default',
  prefix: '',
  after: '',
  limit,
  contested: true,
  deadlineAt: now,
});

test('a value at the bound is read, one byte more is refused (limits.valueBytesMax)', () => {
  const largest = forwarded(put({ value: new Uint8Array(limits.valueBytesMax) }));
  expect(largest?.kind === 'put' && largest.value.length).toBe(limits.valueBytesMax);
  expect(forwarded(put({ value: new Uint8Array(limits.valueBytesMax + 1) }))).toBeNull();
});

test('a request id at the bound is read, a longer one is refused (limits.requestIdCharsMax)', () => {
  const longest = put({ requestId: '\uffff'.repeat(limits.requestIdCharsMax) });
  expect(forwarded(longest)).toEqual(longest);
  expect(forwarded(put({ requestId: '\uffff'.repeat(limits.requestIdCharsMax + 1) }))).toBeNull();
});

test('nobody waits longer than the longest deadline (limits.requestDeadlineMsMax)', () => {
  const longest = put({ deadlineAt: now + limits.requestDeadlineMsMax });
  expect(forwarded(longest)).toEqual(longest);
  expect(forwarded(put({ deadlineAt: longest.deadlineAt + 1 }))).toEqual(longest);
});

test('a page is cut to the largest (limits.listPageKeysMax)', () => {
  expect(forwarded(list(limits.listPageKeysMax))).toEqual(list(limits.listPageKeysMax));
  expect(forwarded(list(limits.listPageKeysMax + 1))).toEqual(list(limits.listPageKeysMax));
});

test('a condition names a few entity tags at most (limits.conditionEtagsMax)', () => {
  const naming = (count: number) =>
    put({ condition: { kind: 'match', etags: Array.from({ length: count }, (_, i) => `"${i}"`) } });
  expect(forwarded(naming(limits.conditionEtagsMax))).toEqual(naming(limits.conditionEtagsMax));
  expect(forwarded(naming(limits.conditionEtagsMax + 1))).toBeNull();
});
