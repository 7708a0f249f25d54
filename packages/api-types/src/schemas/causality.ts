import { z } from 'zod';
import { keySchema, timeSchema } from '../fields.ts';

const rivalSchema = z
  .strictObject({
    dot: z.string().describe('unique id of the write'),
    writtenAt: timeSchema.describe('hybrid logical time of the write, in milliseconds since 1970'),
    expiresAt: timeSchema.nullable(),
    bytes: z.int().describe('of the value as compact JSON'),
  })
  .meta({ id: 'Rival', description: 'One of several values whose writers did not know of each other.' });

const conflictSchema = z
  .strictObject({
    key: keySchema,
    deleted: z
      .boolean()
      .describe('the newest write is a delete that did not know of these values: a read finds nothing'),
    values: z.array(rivalSchema).describe('newest first'),
    context: z.string().describe('of all of them: write or delete with it, and the conflict is settled'),
    etag: z.string(),
  })
  .meta({ id: 'Conflict' });

export const conflictsSchema = z.strictObject({
  conflicts: z
    .array(conflictSchema)
    .describe('ascending by key; fewer than the limit, or none, where some were settled just now'),
  cursor: z.string().nullable().describe('give it back for the next page; null at the end'),
});

export type Conflict = z.infer<typeof conflictSchema>;
export type Conflicts = z.infer<typeof conflictsSchema>;
