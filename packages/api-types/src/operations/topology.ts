import { z } from 'zod';
import { apiLimits } from '../limits.ts';
import { defineOperation } from '../operation.ts';
import { aimKindSchema, ringOperationSchema, ringPlanSchema } from '../schemas/ring-operation.ts';

/** Changes of the ring: planned, begun, watched, held up and given up. Any node may be asked. */

const memberId = z
  .string()
  .regex(/^[a-z0-9._-]{1,64}$/)
  .describe('1 to 64 of [a-z0-9._-]');
const operationId = z
  .string()
  .regex(/^[a-zA-Z0-9._-]{1,64}$/)
  .describe('names the operation: asking again under the same id does not ask twice');

const beginFields = {
  id: operationId.optional(),
  plan: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional()
    .describe('carry out this plan or nothing'),
  force: z.boolean().optional().describe('though keys will have fewer replicas, or nobody could be asked'),
};

const zone = z
  .string()
  .regex(/^[a-zA-Z0-9._-]{1,64}$/)
  .optional();
const weight = z.int().min(1).max(apiLimits.ringWeightMax).optional();

const body = (...fields: readonly string[]) => ({
  fields,
  bytesMax: apiLimits.smallBodyBytesMax,
  levels: 1,
});

const refusals = ['operation_refused'] as const;
const controls = ['operation_refused', 'unknown_operation'] as const;

export const topologyOperations = {
  'cluster.plan': defineOperation({
    kind: 'mutation',
    summary: 'Show what an operation would move, without beginning it',
    rest: {
      method: 'POST',
      path: '/api/v1/cluster/plan',
      body: body('kind', 'nodeId', 'by', 'zone', 'weight', 'replicas', 'force', 'arcs'),
    },
    input: z.strictObject({
      kind: aimKindSchema,
      nodeId: memberId.optional().describe('the node it is about; needed for all kinds but replicas'),
      by: memberId.optional().describe('replace: the node that takes its place'),
      zone: zone.describe('join and reshape: default is the zone it has'),
      weight: weight.describe('join and reshape: default is the weight it has, or 1'),
      replicas: z.int().min(1).max(apiLimits.replicasMax).optional(),
      force: beginFields.force,
      arcs: z.boolean().optional().describe('list every arc that moves'),
    }),
    output: ringPlanSchema,
    errors: refusals,
    examples: [
      { name: 'a join', input: { kind: 'join', nodeId: 'node-9' } },
      {
        name: 'a drain of nobody',
        input: { kind: 'drain', nodeId: 'node-9' },
        error: 'operation_refused',
      },
    ],
  }),
  'cluster.join': defineOperation({
    kind: 'mutation',
    summary: 'Give a running node that is no member tokens of its own',
    description:
      'For a node that has left, or with another zone or weight than its own settings say. A new node asks by itself as soon as it knows a seed.',
    rest: {
      method: 'POST',
      path: '/api/v1/cluster/join',
      body: body('nodeId', 'zone', 'weight', 'id', 'plan'),
    },
    input: z.strictObject({
      nodeId: memberId,
      zone: zone.describe('default is the zone it says it is in'),
      weight: weight.describe('default is 1'),
      id: beginFields.id,
      plan: beginFields.plan,
    }),
    output: ringOperationSchema,
    errors: refusals,
    examples: [{ name: 'of nobody', input: { nodeId: 'node-9' }, error: 'operation_refused' }],
  }),
  'cluster.drain': defineOperation({
    kind: 'mutation',
    summary: 'Have a member hand all its data over and leave the ring',
    description:
      'Answers as soon as the ring lists the operation. The member has left when its state is `left`; until then it hands over and frees what it still holds.',
    rest: {
      method: 'POST',
      path: '/api/v1/cluster/drain',
      body: body('nodeId', 'id', 'plan', 'force'),
    },
    input: z.strictObject({ nodeId: memberId, ...beginFields }),
    output: ringOperationSchema,
    errors: refusals,
    examples: [{ name: 'of nobody', input: { nodeId: 'node-9' }, error: 'operation_refused' }],
  }),
  'cluster.remove': defineOperation({
    kind: 'mutation',
    summary: 'Take a member that is gone for good out of the ring',
    description:
      'What it held is taken from the other replicas. It waits while no majority of them is there.',
    rest: { method: 'POST', path: '/api/v1/cluster/remove', body: body('nodeId', 'id', 'plan', 'force') },
    input: z.strictObject({ nodeId: memberId, ...beginFields }),
    output: ringOperationSchema,
    errors: refusals,
    examples: [{ name: 'of nobody', input: { nodeId: 'node-9' }, error: 'operation_refused' }],
  }),
  'cluster.replace': defineOperation({
    kind: 'mutation',
    summary: 'Give the tokens of a member that is gone for good to a node that is none',
    description:
      'The heir is a node that has left the ring; a new one is rather started with `--replace=<node>` and asks by itself.',
    rest: {
      method: 'POST',
      path: '/api/v1/cluster/replace',
      body: body('nodeId', 'by', 'zone', 'id', 'plan', 'force'),
    },
    input: z.strictObject({
      nodeId: memberId,
      by: memberId,
      zone: zone.describe('of the heir; default is that of the member'),
      ...beginFields,
    }),
    output: ringOperationSchema,
    errors: refusals,
    examples: [{ name: 'of nobody', input: { nodeId: 'node-9', by: 'node-8' }, error: 'operation_refused' }],
  }),
  'cluster.reshape': defineOperation({
    kind: 'mutation',
    summary: 'Give a member another weight or zone',
    rest: {
      method: 'POST',
      path: '/api/v1/cluster/reshape',
      body: body('nodeId', 'zone', 'weight', 'id', 'plan', 'force'),
    },
    input: z.strictObject({ nodeId: memberId, zone, weight, ...beginFields }),
    output: ringOperationSchema,
    errors: refusals,
    examples: [{ name: 'of nobody', input: { nodeId: 'node-9', weight: 2 }, error: 'operation_refused' }],
  }),
  'cluster.replicas': defineOperation({
    kind: 'mutation',
    summary: 'Give every key another number of replicas',
    rest: { method: 'POST', path: '/api/v1/cluster/replicas', body: body('replicas', 'id', 'plan', 'force') },
    input: z.strictObject({ replicas: z.int().min(1).max(apiLimits.replicasMax), ...beginFields }),
    output: ringOperationSchema,
    errors: refusals,
    examples: [{ name: 'as many as there are', input: { replicas: 3 }, error: 'operation_refused' }],
  }),
  'cluster.operations': defineOperation({
    kind: 'query',
    summary: 'Operations on the ring that wait, are in progress or ended last',
    rest: { method: 'GET', path: '/api/v1/cluster/operations', query: { id: 'text' } },
    input: z.strictObject({ id: operationId.optional().describe('only this one') }).default({}),
    output: z.strictObject({
      ringEpoch: z.int(),
      operations: z.array(ringOperationSchema).describe('in the order they were asked for'),
    }),
    errors: ['unknown_operation'],
    examples: [
      { name: 'all', input: {} },
      { name: 'one that is not there', input: { id: 'no-such' }, error: 'unknown_operation' },
    ],
  }),
  'cluster.pause': defineOperation({
    kind: 'mutation',
    summary: 'Move nothing more for an operation until it is resumed',
    rest: { method: 'POST', path: '/api/v1/cluster/operations/pause', body: body('id') },
    input: z.strictObject({ id: operationId }),
    output: ringOperationSchema,
    errors: controls,
    examples: [{ name: 'not there', input: { id: 'no-such' }, error: 'unknown_operation' }],
  }),
  'cluster.resume': defineOperation({
    kind: 'mutation',
    summary: 'Go on with an operation that is paused',
    rest: { method: 'POST', path: '/api/v1/cluster/operations/resume', body: body('id') },
    input: z.strictObject({ id: operationId }),
    output: ringOperationSchema,
    errors: controls,
    examples: [{ name: 'not there', input: { id: 'no-such' }, error: 'unknown_operation' }],
  }),
  'cluster.abort': defineOperation({
    kind: 'mutation',
    summary: 'Give an operation up: the ring is as if it had never begun',
    rest: { method: 'POST', path: '/api/v1/cluster/operations/abort', body: body('id') },
    input: z.strictObject({ id: operationId }),
    output: ringOperationSchema,
    errors: controls,
    examples: [{ name: 'not there', input: { id: 'no-such' }, error: 'unknown_operation' }],
  }),
  'gossip.leave': defineOperation({
    kind: 'mutation',
    summary: 'Drain the node that is asked',
    rest: {
      method: 'POST',
      path: '/gossip/leave',
      body: { ...body('id', 'plan', 'force'), optional: true },
    },
    input: z.strictObject(beginFields).default({}),
    output: ringOperationSchema,
    errors: refusals,
    examples: [
      {
        name: 'under a plan that is not this',
        input: { plan: '0000000000000000' },
        error: 'operation_refused',
      },
    ],
  }),
  'gossip.join': defineOperation({
    kind: 'mutation',
    summary: 'Have the node that is asked, once it has left the ring, ask for a place in it again',
    rest: { method: 'POST', path: '/gossip/join', body: { ...body(), optional: true } },
    input: z.strictObject({}).default({}),
    output: z.strictObject({ state: z.string().describe('of the node, as it is now') }),
    errors: [],
    examples: [{ name: 'of a member, which changes nothing', input: {} }],
  }),
} as const;
