import { z } from 'zod';
import { nodeIdSchema, timeSchema } from '../fields.ts';

/** What this node last heard of each node, itself included. Every figure says when it was observed. */

export const livenessSchema = z.enum(['alive', 'suspect', 'dead', 'left', 'unknown']).meta({
  id: 'Liveness',
  description: 'unknown: the ring lists the node, but nothing was heard of it yet.',
});

export const ringStatusSchema = z.enum(['joining', 'normal', 'leaving']).meta({ id: 'RingStatus' });

export const nodeStateSchema = z
  .enum(['booting', 'joining', 'normal', 'recovering', 'leaving', 'left', 'stopping'])
  .meta({ id: 'NodeState' });

const latencySchema = z.strictObject({
  perSecond: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  p999Ms: z.number(),
});

const statsSchema = z
  .strictObject({
    version: z.string(),
    startedAt: timeSchema,
    reads: latencySchema.nullable(),
    writes: latencySchema.nullable(),
    errorsPerSecond: z.number().nullable(),
    rssBytes: z.number().nullable(),
    heapBytes: z.number().nullable(),
    cpu: z.number().nullable().describe('CPU seconds used per second, all threads'),
    eventLoopDelayP99Ms: z.number().nullable(),
    diskUsedBytes: z.number().nullable(),
    diskFreeBytes: z.number().nullable(),
  })
  .meta({
    id: 'NodeStats',
    description: 'Measured by the process itself over the last ten seconds; null where it cannot measure.',
  });

const countsSchema = z
  .strictObject({
    keys: z.int().describe('live keys stored here: a replica count, not a cluster count'),
    tombstones: z.int(),
    recordBytes: z.int(),
    hints: z.int(),
    requestsInFlight: z.int(),
  })
  .meta({ id: 'NodeCounts' });

export const nodeReportSchema = z
  .strictObject({
    nodeId: nodeIdSchema,
    address: z.string().nullable(),
    liveness: livenessSchema,
    incarnation: z.int().nullable(),
    ringStatus: ringStatusSchema.nullable().describe('null: not a member of the ring'),
    zone: z.string().nullable(),
    weight: z.number().nullable(),
    ownership: z.number().describe('share of all buckets whose first replica it is, 0 to 1'),
    stats: statsSchema.nullable(),
    counts: countsSchema.nullable(),
    observedAt: timeSchema.nullable().describe('when the observer received these figures; null: never'),
  })
  .meta({ id: 'NodeReport' });

export const transferSchema = z
  .strictObject({
    nodeId: nodeIdSchema.describe('the node that takes data over'),
    kind: z.enum(['join', 'take', 'recovery']).describe('take: by a member, for a change of the ring'),
    bucketsDone: z.int(),
    bucketsTotal: z.int(),
    bytes: z.int(),
  })
  .meta({ id: 'Transfer', description: 'Data on its way to a new owner, or back to one that lost it.' });

export const hintsOwedSchema = z
  .strictObject({
    target: nodeIdSchema,
    pending: z.int().describe('keys noted for the target'),
    everything: z.boolean().describe('over the bound of notes: the target is owed all it holds'),
  })
  .meta({ id: 'HintsOwed', description: 'What the observer keeps for a replica that missed writes.' });

/** Everything one node knows of one node. */
export type NodeReport = z.infer<typeof nodeReportSchema>;
export type Liveness = z.infer<typeof livenessSchema>;
export type TransferReport = z.infer<typeof transferSchema>;
export type HintsOwed = z.infer<typeof hintsOwedSchema>;
