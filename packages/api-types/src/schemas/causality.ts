import { z } from 'zod';
import { keySchema, nodeIdSchema, timeSchema } from '../fields.ts';

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

const actorSchema = z.string().describe('names the writes of one node until its history is in doubt');

export const nodeClockSchema = z.strictObject({
  observer: nodeIdSchema,
  observedAt: timeSchema,
  actor: actorSchema.describe('under which the observer writes now'),
  clock: z
    .array(z.strictObject({ actor: actorSchema, counter: z.int().describe('of the newest write heard of') }))
    .describe('ascending by actor'),
});

export const clockComparisonSchema = z.strictObject({
  observer: nodeIdSchema,
  observedAt: timeSchema,
  node: nodeIdSchema.describe('whom the observer asked'),
  order: z
    .enum(['equal', 'before', 'after', 'concurrent'])
    .describe(
      'before: the other has heard of all that the observer has, and of more; concurrent: each of some the other has not',
    ),
  differences: z
    .array(
      z.strictObject({
        actor: actorSchema,
        here: z.int().describe('of the newest write the observer has heard of; 0 for none'),
        there: z.int().describe('the same of the other node'),
      }),
    )
    .describe('ascending by actor; empty if the clocks are equal'),
});

export type NodeClock = z.infer<typeof nodeClockSchema>;
export type ClockComparison = z.infer<typeof clockComparisonSchema>;
export type Conflict = z.infer<typeof conflictSchema>;
export type Conflicts = z.infer<typeof conflictsSchema>;
