import { z } from 'zod';
import { cursorSchema, prefixSchema, readFields } from '../fields.ts';
import { apiLimits } from '../limits.ts';
import { defineOperation } from '../operation.ts';
import { conflictsSchema } from '../schemas/causality.ts';

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
} as const;
