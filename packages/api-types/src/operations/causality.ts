import { z } from 'zod';
import { cursorSchema, prefixSchema, readFields } from '../fields.ts';
import { apiLimits } from '../limits.ts';
import { defineOperation } from '../operation.ts';
import { conflictsSchema } from '../schemas/causality.ts';
import { eventsSchema } from '../schemas/events.ts';

/** What happened without knowing of what else. */
export const causalityOperations = {
  'causality.conflicts': defineOperation({
    kind: 'query',
    summary: 'Keys whose conflicts nobody has settled',
    description:
      'Keys of the whole cluster that hold several values, or a value and a delete, of writers who did not know of each other. Found by an index of conflicts, so a page costs what it shows; each key on it is then read at quorum. A conflict that a quorum holds is on its page.',
    rest: {
      method: 'GET',
      path: '/api/v1/conflicts',
      query: { prefix: 'text', limit: 'integer', cursor: 'text', timeoutMs: 'integer' },
    },
    input: z
      .strictObject({
        prefix: prefixSchema.optional(),
        limit: z.int().min(1).max(apiLimits.conflictsPageMax).optional().describe('default 100'),
        cursor: cursorSchema.optional(),
        timeoutMs: readFields.timeoutMs,
      })
      .default({}),
    output: conflictsSchema,
    errors: ['quorum_unavailable', 'corrupt'],
    examples: [
      { name: 'the first page', input: {} },
      { name: 'by prefix', input: { prefix: 'users/', limit: 10 } },
    ],
  }),
  'causality.events': defineOperation({
    kind: 'query',
    summary: 'What happened, as this node saw it',
    description:
      'The log of one node: members that came and went, rings, its own states, conflicts found and settled in its copies, repairs, damage. Durable, and bounded by the number of events. A page is empty at the end of the log; its cursor goes on from there whenever something has happened.',
    rest: {
      method: 'GET',
      path: '/api/v1/events',
      query: { cursor: 'text', since: 'integer', limit: 'integer' },
    },
    input: z
      .strictObject({
        cursor: cursorSchema.optional(),
        since: z.int().min(0).optional().describe('milliseconds since 1970; only without a cursor'),
        limit: z.int().min(1).max(apiLimits.eventsPageMax).optional().describe('default 100'),
      })
      .refine(({ cursor, since }) => cursor === undefined || since === undefined, {
        message: 'give either a cursor or a time',
        path: ['since'],
      })
      .default({}),
    output: eventsSchema,
    errors: [],
    examples: [
      { name: 'the oldest kept', input: {} },
      { name: 'since a time', input: { since: 1_700_000_000_000, limit: 10 } },
    ],
  }),
} as const;
