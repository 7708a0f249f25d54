import { z } from 'zod';
import { errorBodySchema } from '../errors.ts';
import {
  batchRequestIdSchema,
  contextSchema,
  keySchema,
  levelIsNamedOnce,
  levelNamedTwice,
  readFields,
  ttlSecondsSchema,
  writeFields,
} from '../fields.ts';
import { jsonValueSchema } from '../json/json-value.ts';
import { apiLimits } from '../limits.ts';
import { defineOperation } from '../operation.ts';
import { deletedSchema, entrySchema, writtenSchema } from '../schemas/entry.ts';

/** Many keys in one request: each item succeeds or fails by itself, in the order asked. Not a transaction. */

const readQuery = { consistency: 'text', r: 'integer', timeoutMs: 'integer' } as const;
const writeQuery = { consistency: 'text', w: 'integer', timeoutMs: 'integer' } as const;
const requestIdHeader = { requestId: 'x-request-id' } as const;

const readOptions = {
  consistency: readFields.consistency,
  r: readFields.r,
  timeoutMs: readFields.timeoutMs,
};
const writeOptions = {
  consistency: writeFields.consistency,
  w: writeFields.w,
  timeoutMs: writeFields.timeoutMs,
  requestId: batchRequestIdSchema.optional(),
};

const itemErrorSchema = errorBodySchema.omit({ requestId: true }).meta({ id: 'ItemError' });

/** One item's result: what the single operation would have answered, or its error. */
function resultsOf<Output extends z.ZodType>(output: Output) {
  const done = z.strictObject({ ok: z.literal(true), key: z.string(), output });
  const refused = z.strictObject({ ok: z.literal(false), key: z.string(), error: itemErrorSchema });
  return z.strictObject({ results: z.array(z.discriminatedUnion('ok', [done, refused])) });
}

/** Two writes of one key in one batch would race each other; which wins is not for chance to say. */
function keysDiffer(items: readonly { readonly key: string }[]): boolean {
  return new Set(items.map((item) => item.key)).size === items.length;
}

const keysRepeat = { message: 'a key appears twice' };

export const batchOperations = {
  'batch.get': defineOperation({
    kind: 'query',
    summary: 'Read many keys',
    rest: {
      method: 'POST',
      path: '/api/v1/batch/get',
      query: readQuery,
      body: { fields: ['keys'], bytesMax: apiLimits.batchBytesMax, levels: 3 },
    },
    input: z
      .strictObject({ keys: z.array(keySchema).min(1).max(apiLimits.batchItemsMax), ...readOptions })
      .refine(levelIsNamedOnce, levelNamedTwice),
    output: resultsOf(entrySchema),
    errors: ['invalid_key'],
    examples: [{ name: 'two keys, one of them missing', input: { keys: ['greeting', 'no/such/key'] } }],
  }),
  'batch.put': defineOperation({
    kind: 'mutation',
    summary: 'Write many keys',
    rest: {
      method: 'POST',
      path: '/api/v1/batch/put',
      query: writeQuery,
      headers: requestIdHeader,
      body: { fields: ['items'], bytesMax: apiLimits.batchBytesMax, levels: 3 },
    },
    input: z
      .strictObject({
        items: z
          .array(
            z.strictObject({
              key: keySchema,
              value: jsonValueSchema,
              context: contextSchema.optional(),
              ttlSeconds: ttlSecondsSchema.optional(),
            }),
          )
          .min(1)
          .max(apiLimits.batchItemsMax)
          .refine(keysDiffer, keysRepeat),
        ...writeOptions,
      })
      .refine(levelIsNamedOnce, levelNamedTwice),
    output: resultsOf(writtenSchema),
    errors: ['invalid_key'],
    examples: [
      {
        name: 'two values',
        input: {
          items: [
            { key: 'a', value: 1 },
            { key: 'b', value: [true, null] },
          ],
        },
      },
    ],
  }),
  'batch.delete': defineOperation({
    kind: 'mutation',
    summary: 'Delete many keys',
    rest: {
      method: 'POST',
      path: '/api/v1/batch/delete',
      query: writeQuery,
      headers: requestIdHeader,
      body: { fields: ['items'], bytesMax: apiLimits.batchBytesMax, levels: 3 },
    },
    input: z
      .strictObject({
        items: z
          .array(z.strictObject({ key: keySchema, context: contextSchema.optional() }))
          .min(1)
          .max(apiLimits.batchItemsMax)
          .refine(keysDiffer, keysRepeat),
        ...writeOptions,
      })
      .refine(levelIsNamedOnce, levelNamedTwice),
    output: resultsOf(deletedSchema),
    errors: ['invalid_key'],
    examples: [{ name: 'two keys', input: { items: [{ key: 'a' }, { key: 'b' }] } }],
  }),
} as const;
