import { z } from 'zod';
import {
  conditionFields,
  conditionFits,
  conditionUnfit,
  contextSchema,
  cursorSchema,
  keySchema,
  levelIsNamedOnce,
  levelNamedTwice,
  prefixSchema,
  readFields,
  requestIdSchema,
  ttlSecondsSchema,
  writeFields,
} from '../fields.ts';
import { jsonValueSchema } from '../json/json-value.ts';
import { apiLimits } from '../limits.ts';
import { defineOperation } from '../operation.ts';
import { deletedSchema, entrySchema, writtenSchema } from '../schemas/entry.ts';

const keyPath = '/api/v1/data/{key}';
const readQuery = { consistency: 'text', r: 'integer', explain: 'flag', timeoutMs: 'integer' } as const;
const writeQuery = { consistency: 'text', w: 'integer', explain: 'flag', timeoutMs: 'integer' } as const;
const writeHeaders = {
  requestId: 'x-request-id',
  ifMatch: 'if-match',
  ifNoneMatch: 'if-none-match',
} as const;
const readErrors = ['invalid_key', 'not_found', 'quorum_unavailable', 'corrupt'] as const;
const writeErrors = [
  'invalid_key',
  'invalid_context',
  'request_id_reused',
  'too_many_siblings',
  'precondition_failed',
  'payload_too_large',
  'quorum_unavailable',
  'disk_full',
] as const;

/** One key at a time, and the listing of keys. */
export const dataOperations = {
  'data.put': defineOperation({
    kind: 'mutation',
    summary: 'Write a value',
    description:
      'With the context of what was read, the write replaces exactly that; what it has not seen stays beside it as a sibling. Without a context it replaces everything that a quorum holds at this moment. With a condition (`If-Match`, `If-None-Match: *`) it is compare-and-set: it replaces everything if the condition holds at that instant, and is answered with 412 and what is there if not.',
    rest: {
      method: 'PUT',
      path: keyPath,
      query: writeQuery,
      headers: writeHeaders,
      body: {
        fields: ['value', 'context', 'ttlSeconds'],
        bytesMax: apiLimits.valueBytesMax + apiLimits.envelopeBytesMax,
        levels: 1,
        formIsJson: true,
      },
      etag: true,
    },
    input: z
      .strictObject({
        key: keySchema,
        value: jsonValueSchema,
        context: contextSchema.optional(),
        ttlSeconds: ttlSecondsSchema.optional(),
        requestId: requestIdSchema.optional(),
        ...conditionFields,
        ...writeFields,
      })
      .refine(levelIsNamedOnce, levelNamedTwice)
      .refine(conditionFits, conditionUnfit),
    output: writtenSchema,
    errors: writeErrors,
    examples: [
      { name: 'a value', input: { key: 'greeting', value: 'hello' } },
      { name: 'a key with slashes', input: { key: 'users/ada/profile', value: { name: 'Ada', born: 1815 } } },
      {
        name: 'expiring, retried safely',
        input: { key: 'session', value: 1, ttlSeconds: 60, requestId: 'login-1' },
      },
      { name: 'explained', input: { key: 'greeting', value: 'hello', explain: true } },
      { name: 'only if there is a value', input: { key: 'greeting', value: 'hello', ifMatch: '*' } },
      {
        name: 'only if there is none',
        input: { key: 'greeting', value: 'hello', ifNoneMatch: '*' },
        error: 'precondition_failed',
      },
      {
        name: 'a context of nothing here',
        input: { key: 'greeting', value: 'hello', context: 'not-a-context' },
        error: 'invalid_context',
      },
    ],
  }),
  'data.get': defineOperation({
    kind: 'query',
    summary: 'Read a value',
    description: 'Answers the newest sibling, the others beside it, and the context to write with.',
    rest: { method: 'GET', path: keyPath, query: readQuery, etag: true },
    input: z.strictObject({ key: keySchema, ...readFields }).refine(levelIsNamedOnce, levelNamedTwice),
    output: entrySchema,
    errors: readErrors,
    examples: [
      { name: 'a value', input: { key: 'greeting' } },
      { name: 'from one replica', input: { key: 'greeting', consistency: 'one' } },
      { name: 'a key never written', input: { key: 'no/such/key' }, error: 'not_found' },
    ],
  }),
  'data.delete': defineOperation({
    kind: 'mutation',
    summary: 'Delete a key',
    description:
      'Idempotent: 200 whether or not the key had a value. With a context it deletes only what the context covers. With a condition it deletes everything if that holds, and is answered with 412 if not.',
    rest: {
      method: 'DELETE',
      path: keyPath,
      query: { ...writeQuery, context: 'text' },
      headers: writeHeaders,
      body: {
        fields: ['context'],
        bytesMax: apiLimits.envelopeBytesMax,
        levels: 1,
        optional: true,
        formIsJson: true,
      },
      etag: true,
    },
    input: z
      .strictObject({
        key: keySchema,
        context: contextSchema.optional(),
        requestId: requestIdSchema.optional(),
        ...conditionFields,
        ...writeFields,
      })
      .refine(levelIsNamedOnce, levelNamedTwice)
      .refine(conditionFits, conditionUnfit),
    output: deletedSchema,
    errors: writeErrors,
    examples: [
      { name: 'a key', input: { key: 'greeting' } },
      { name: 'a key never written', input: { key: 'no/such/key' } },
      {
        name: 'only as it was',
        input: { key: 'greeting', ifMatch: '"0123456789abcdef"' },
        error: 'precondition_failed',
      },
    ],
  }),
  'data.list': defineOperation({
    kind: 'query',
    summary: 'List keys',
    description: 'One page of live keys in ascending order of their UTF-8 bytes.',
    rest: {
      method: 'GET',
      path: '/api/v1/data',
      query: { prefix: 'text', limit: 'integer', cursor: 'text', timeoutMs: 'integer' },
    },
    input: z
      .strictObject({
        prefix: prefixSchema.optional(),
        limit: z.int().min(1).max(apiLimits.listPageKeysMax).optional().describe('default 100'),
        cursor: cursorSchema.optional(),
        timeoutMs: readFields.timeoutMs,
      })
      .default({}),
    output: z.strictObject({
      keys: z.array(z.string()),
      cursor: z.string().nullable().describe('give it back for the next page; null at the end'),
    }),
    errors: ['quorum_unavailable'],
    examples: [
      { name: 'the first page', input: {} },
      { name: 'by prefix', input: { prefix: 'users/', limit: 10 } },
    ],
  }),
} as const;
