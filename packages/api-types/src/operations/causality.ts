import { z } from 'zod';
import { cursorSchema, nodeIdSchema, prefixSchema, readFields } from '../fields.ts';
import { apiLimits } from '../limits.ts';
import { defineOperation } from '../operation.ts';
import { clockComparisonSchema, conflictsSchema, nodeClockSchema } from '../schemas/causality.ts';
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
  'causality.clock': defineOperation({
    kind: 'query',
    summary: 'Of which writes this node has heard',
    description:
      'Of every actor, the highest counter among the writes this node has met in records it stored. It does not say that it has met all the writes below: a node stores the keys of its own arcs. After an unclean stop, what was heard in the last second may be missing until it is heard again.',
    rest: { method: 'GET', path: '/api/v1/vector-clock' },
    input: z.strictObject({}).default({}),
    output: nodeClockSchema,
    errors: [],
    examples: [{ name: 'the clock', input: {} }],
  }),
  'causality.compare': defineOperation({
    kind: 'query',
    summary: 'How this node’s clock stands to another’s',
    description:
      'The other node is asked for its own clock; nothing is guessed. Two nodes that share every arc come to the same clock when nothing is written; of others it is no fault that each has heard of writes the other has not.',
    rest: { method: 'GET', path: '/api/v1/vector-clock/compare/{node}' },
    input: z.strictObject({ node: nodeIdSchema }),
    output: clockComparisonSchema,
    errors: ['invalid_request', 'no_node_reachable'],
    examples: [
      { name: 'with a node that is not there', input: { node: 'no-such-node' }, error: 'invalid_request' },
    ],
  }),
} as const;
