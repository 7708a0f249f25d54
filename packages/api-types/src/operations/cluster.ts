import { z } from 'zod';
import { keySchema } from '../fields.ts';
import { defineOperation } from '../operation.ts';
import { clusterSchema, statusSchema, storageSchema } from '../schemas/cluster.ts';
import { gossipStatusSchema, membersSchema, rumorsSchema } from '../schemas/membership.ts';
import { ringSchema } from '../schemas/ring.ts';

/** What one node knows of itself, of the ring and of the others. */

const nothing = z.strictObject({}).default({});

export const clusterOperations = {
  'cluster.status': defineOperation({
    kind: 'query',
    summary: 'How this node is, and the cluster as it sees it',
    rest: { method: 'GET', path: '/api/v1/status' },
    input: nothing,
    output: statusSchema,
    errors: [],
    examples: [{ name: 'status', input: {} }],
  }),
  'cluster.ring': defineOperation({
    kind: 'query',
    summary: 'Who owns what, and where a key lives',
    rest: { method: 'GET', path: '/api/v1/ring', query: { key: 'text' } },
    input: z.strictObject({ key: keySchema.optional() }).default({}),
    output: ringSchema,
    errors: ['not_ready'],
    examples: [
      { name: 'the ring', input: {} },
      { name: 'where a key lives', input: { key: 'greeting' } },
    ],
  }),
  'cluster.overview': defineOperation({
    kind: 'query',
    summary: 'All nodes with their figures, as this node last heard them',
    rest: { method: 'GET', path: '/api/v1/cluster' },
    input: nothing,
    output: clusterSchema,
    errors: [],
    examples: [{ name: 'the cluster', input: {} }],
  }),
  'cluster.storage': defineOperation({
    kind: 'query',
    summary: 'What this node stores',
    rest: { method: 'GET', path: '/api/v1/storage' },
    input: nothing,
    output: storageSchema,
    errors: ['storage_failed'],
    examples: [{ name: 'storage', input: {} }],
  }),
  'gossip.status': defineOperation({
    kind: 'query',
    summary: 'The membership protocol on this node',
    rest: { method: 'GET', path: '/gossip/status' },
    input: nothing,
    output: gossipStatusSchema,
    errors: [],
    examples: [{ name: 'status', input: {} }],
  }),
  'gossip.members': defineOperation({
    kind: 'query',
    summary: 'Who is alive, as this node believes',
    rest: { method: 'GET', path: '/gossip/members' },
    input: nothing,
    output: membersSchema,
    errors: [],
    examples: [{ name: 'members', input: {} }],
  }),
  'gossip.rumors': defineOperation({
    kind: 'query',
    summary: 'Changes still being spread',
    rest: { method: 'GET', path: '/gossip/rumors' },
    input: nothing,
    output: rumorsSchema,
    errors: [],
    examples: [{ name: 'rumors', input: {} }],
  }),
} as const;
