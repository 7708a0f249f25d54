import { z } from 'zod';
import { nodeIdSchema } from '../fields.ts';

/** What operators ask of the ring, and what has become of it. */

export const aimKindSchema = z
  .enum(['join', 'drain', 'remove', 'replace', 'reshape', 'replicas'])
  .meta({ id: 'RingAimKind' });

const takerSchema = z
  .strictObject({
    nodeId: nodeIdSchema,
    bucketsDone: z.int().describe('as the node last said; 0 until it has'),
    bucketsTotal: z.int(),
    bytes: z.int().describe('bytes of values received for this so far'),
    etaMs: z.number().nullable().describe('time to go at the pace so far; null while there is no pace'),
    obstacle: z
      .enum(['paused', 'unreachable', 'recovering', 'damaged', 'behind', 'overloaded', 'disk'])
      .nullable()
      .describe('why nothing comes from the node it asks; null while records come'),
  })
  .meta({ id: 'RingTaker', description: 'A node that takes buckets over from others for an operation.' });

const waitSchema = z
  .strictObject({
    reason: z.enum([
      'queued',
      'paused',
      'no_majority',
      'taker_unreachable',
      'taker_recovering',
      'source_unreachable',
      'source_recovering',
      'source_damaged',
      'source_behind',
      'source_overloaded',
      'taker_disk',
    ]),
    nodeId: nodeIdSchema.nullable(),
    message: z.string(),
  })
  .meta({ id: 'RingWait', description: 'The one reason for which an operation makes no headway.' });

export const ringOperationSchema = z
  .strictObject({
    id: z.string(),
    kind: aimKindSchema,
    nodeId: nodeIdSchema.nullable().describe('the node it is about; null: all'),
    by: nodeIdSchema.nullable().describe('the node that replaces it'),
    zone: z.string().nullable(),
    weight: z.int().nullable(),
    replicas: z.int().nullable(),
    state: z
      .enum(['queued', 'running', 'paused', 'done', 'aborted', 'refused'])
      .describe('done: its change is in force; old owners may still be freeing their disks'),
    sinceEpoch: z.int().describe('ring epoch in which it came to be in this state'),
    refusal: z.string().nullable().describe('why the ring had no room for it when its turn came'),
    bucketsDone: z.int(),
    bucketsTotal: z.int().describe('copies of buckets to take over; 0 unless it is in progress'),
    bytes: z.int(),
    etaMs: z.number().nullable(),
    takers: z.array(takerSchema).describe('ascending by node id; empty unless it is in progress'),
    waiting: waitSchema.nullable(),
  })
  .meta({ id: 'RingOperation' });

const moveSchema = z
  .strictObject({
    nodeId: nodeIdSchema,
    gains: z.int().describe('copies of buckets it will hold and does not'),
    loses: z.int().describe('copies of buckets it holds and will not'),
    ownership: z.number().describe('share of all buckets whose first replica it will be, 0 to 1'),
  })
  .meta({ id: 'RingMove' });

const arcMoveSchema = z
  .strictObject({
    from: z.int(),
    to: z.int(),
    gains: z.array(nodeIdSchema),
    loses: z.array(nodeIdSchema),
  })
  .meta({ id: 'RingArcMove', description: 'The buckets from `from` to `to`, both included.' });

export const ringPlanSchema = z
  .strictObject({
    plan: z.string().describe('names this plan: an operation begun with it does exactly this, or nothing'),
    ringEpoch: z.int().describe('the ring it was made on'),
    replicasBefore: z.int().describe('N in force: replicas that each key has'),
    replicasAfter: z.int(),
    bucketsMoved: z.int().describe('copies of buckets that go to a node that has none'),
    estimatedBytes: z
      .int()
      .nullable()
      .describe('of records to be sent, from what the nodes last said they hold; null: not known'),
    imbalance: z.number().describe('largest ratio of a share to what its weight entitles to, afterwards'),
    moves: z.array(moveSchema).describe('ascending by node id'),
    arcs: z.array(arcMoveSchema).optional().describe('every arc that moves, if asked for'),
  })
  .meta({ id: 'RingPlan' });

export type RingOperationView = z.infer<typeof ringOperationSchema>;
export type RingPlanView = z.infer<typeof ringPlanSchema>;
