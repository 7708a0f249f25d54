import { z } from 'zod';
import { keySchema, timeSchema } from '../fields.ts';
import { storedValueSchema } from '../json/json-value.ts';
import { explainSchema } from './explain.ts';

const version = {
  dot: z.string().describe('unique id of the write'),
  writtenAt: timeSchema.describe('hybrid logical time of the write, in milliseconds since 1970'),
};

const siblingSchema = z
  .strictObject({ value: storedValueSchema, expiresAt: timeSchema.nullable(), ...version })
  .meta({ id: 'Sibling', description: 'A value whose writer did not know of the newest one.' });

const causality = {
  context: z.string().describe('give it back when writing this key'),
  etag: z.string().describe('strong entity tag, quotes included; changes whenever the record does'),
};

export const entrySchema = z
  .strictObject({
    key: keySchema,
    value: storedValueSchema,
    ...causality,
    ...version,
    expiresAt: timeSchema.nullable(),
    siblings: z
      .array(siblingSchema)
      .describe('the others beside the newest, newest first; empty without conflict'),
    explain: explainSchema.optional(),
  })
  .meta({ id: 'Entry', description: 'What a key holds: the newest sibling, and the others beside it.' });

export const writtenSchema = z
  .strictObject({
    key: keySchema,
    value: storedValueSchema,
    ...causality,
    ...version,
    expiresAt: timeSchema.nullable(),
    siblingCount: z.int().describe('siblings beside the value just written; 0 when it replaced all'),
    repeated: z.boolean().describe('this request id had been applied before: nothing was written now'),
    explain: explainSchema.optional(),
  })
  .meta({ id: 'Written' });

export const deletedSchema = z
  .strictObject({
    key: keySchema,
    deleted: z.literal(true),
    ...causality,
    ...version,
    siblingCount: z.int().describe('siblings that this delete did not cover'),
    repeated: z.boolean(),
    explain: explainSchema.optional(),
  })
  .meta({ id: 'Deleted' });

/** What a key holds, as GET answers it. */
export type Entry = z.infer<typeof entrySchema>;
/** One of the others beside the newest. */
export type SiblingView = z.infer<typeof siblingSchema>;
/** What PUT answers. */
export type Written = z.infer<typeof writtenSchema>;
/** What DELETE answers. */
export type Deleted = z.infer<typeof deletedSchema>;
