import { z } from 'zod';
import { cursorSchema, nodeIdSchema } from '../fields.ts';
import { apiLimits } from '../limits.ts';
import { defineOperation } from '../operation.ts';
import { merkleComparisonSchema, merkleSyncSchema, merkleTreeSchema } from '../schemas/merkle.ts';

/** Keeping replicas equal: looking at it, and asking for it. Each is about the node that is asked, and another. */

const bucket = z.int().min(0).max(apiLimits.bucketMax).optional();
const range = {
  from: bucket.describe('first bucket; default 0'),
  to: bucket.describe('last bucket; default 65 535'),
};
const ordered = ({ from, to }: { from?: number | undefined; to?: number | undefined }) =>
  (from ?? 0) <= (to ?? apiLimits.bucketMax);
const order = { message: 'the last bucket lies before the first', path: ['to'] };

export const merkleOperations = {
  'merkle.tree': defineOperation({
    kind: 'query',
    summary: 'The hash tree of this node',
    description:
      'By buckets of the key space: what this node holds there as one hash, and up to when each other holder is proven to hold the same. Depth 0 is one node for everything; each further level has 16 below each node, down to single buckets at 4. The hash covers keys and versions, not values; nodes that hold the same have the same hash.',
    rest: {
      method: 'GET',
      path: '/api/v1/merkle-tree',
      query: { from: 'integer', to: 'integer', depth: 'integer', limit: 'integer', cursor: 'text' },
    },
    input: z
      .strictObject({
        ...range,
        depth: z.int().min(0).max(apiLimits.treeDepthMax).optional().describe('default 1'),
        limit: z
          .int()
          .min(1)
          .max(apiLimits.treePageNodesMax)
          .optional()
          .describe(`default ${apiLimits.treePageNodesDefault}`),
        cursor: cursorSchema.optional(),
      })
      .refine(ordered, order)
      .default({}),
    output: merkleTreeSchema,
    errors: [],
    examples: [
      { name: 'the first level', input: {} },
      { name: 'some buckets', input: { from: 4096, to: 4099, depth: 4 } },
    ],
  }),
  'merkle.compare': defineOperation({
    kind: 'query',
    summary: 'What this node and another hold differently',
    description:
      'Goes down the other node’s own tree, then through the records of the buckets that differ, and tells the versions both hold of each key that does. Nothing is repaired and nothing is guessed: a node that does not answer is an error. Each page compares anew, through at most 64 buckets.',
    rest: {
      method: 'GET',
      path: '/api/v1/merkle-tree/compare/{node}',
      query: { from: 'integer', to: 'integer', limit: 'integer', cursor: 'text' },
    },
    input: z
      .strictObject({
        node: nodeIdSchema,
        ...range,
        limit: z.int().min(1).max(apiLimits.differencesPageMax).optional().describe('default 100'),
        cursor: cursorSchema.optional(),
      })
      .refine(ordered, order),
    output: merkleComparisonSchema,
    errors: ['invalid_request', 'no_node_reachable'],
    examples: [
      { name: 'with a node that is not there', input: { node: 'no-such-node' }, error: 'invalid_request' },
    ],
  }),
  'merkle.sync': defineOperation({
    kind: 'mutation',
    summary: 'Compare this node with others now, and repair what differs',
    description:
      'Nodes do this by themselves; this does it at once, one way if wished, or dry. Answers as soon as it has begun; how far it is tells `GET` on the same path. One peer is compared after the other. Versions are merged, none is minted and none is lost: pulling changes only this node, pushing only the others.',
    rest: {
      method: 'POST',
      path: '/api/v1/merkle-tree/sync',
      body: {
        fields: ['node', 'direction', 'dryRun'],
        bytesMax: apiLimits.smallBodyBytesMax,
        levels: 1,
        optional: true,
      },
    },
    input: z
      .strictObject({
        node: nodeIdSchema.optional().describe('default: every node that holds something this node holds'),
        direction: z.enum(['pull', 'push', 'both']).optional().describe('default both'),
        dryRun: z.boolean().optional().describe('only count what would be stored'),
      })
      .default({}),
    output: merkleSyncSchema,
    errors: ['invalid_request'],
    examples: [
      { name: 'dry', input: { dryRun: true } },
      { name: 'with a node that is not there', input: { node: 'no-such-node' }, error: 'invalid_request' },
    ],
  }),
  'merkle.syncs': defineOperation({
    kind: 'query',
    summary: 'How far comparisons that were asked for are',
    description: 'Those that wait or run and the last that ended; forgotten when the node stops.',
    rest: { method: 'GET', path: '/api/v1/merkle-tree/sync', query: { id: 'text' } },
    input: z
      .strictObject({
        id: z
          .string()
          .regex(/^[0-9a-f]{16}$/)
          .optional()
          .describe('only this one'),
      })
      .default({}),
    output: z.strictObject({
      observer: nodeIdSchema,
      syncs: z.array(merkleSyncSchema).describe('in the order in which they were asked for'),
    }),
    errors: ['unknown_operation'],
    examples: [
      { name: 'all', input: {} },
      { name: 'one that is not there', input: { id: '0000000000000000' }, error: 'unknown_operation' },
    ],
  }),
} as const;
