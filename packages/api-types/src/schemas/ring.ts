import { z } from 'zod';
import { keySchema, nodeIdSchema } from '../fields.ts';
import { ringStatusSchema } from './node-report.ts';

const vnodeSchema = z
  .strictObject({
    token: z.int().describe('index of the last bucket of its arc'),
    buckets: z.int().describe('length of its arc; 0 while pending'),
    nodeId: nodeIdSchema,
    pending: z.boolean().describe('of a joining node: owns nothing yet'),
  })
  .meta({ id: 'Vnode' });

const ringNodeSchema = z
  .strictObject({
    nodeId: nodeIdSchema,
    status: ringStatusSchema,
    zone: z.string(),
    weight: z.number(),
    tokens: z.int(),
    ownership: z.number().describe('share of all buckets whose first replica it is, 0 to 1'),
    replicaOwnership: z.number().describe('share of all buckets of which it holds a replica, 0 to 1'),
  })
  .meta({ id: 'RingNode' });

const placementSchema = z
  .strictObject({
    key: keySchema,
    hash: z.string().describe('first 64 bits of SHA-256, as 16 hex digits'),
    bucket: z.int(),
    preferenceList: z.array(nodeIdSchema).describe('the replicas, in order'),
    pending: z.array(nodeIdSchema).describe('replicas the arc is moving to'),
  })
  .meta({ id: 'Placement' });

export const ringSchema = z
  .strictObject({
    clusterId: z.string(),
    epoch: z.int().describe('one more per topology change'),
    replicas: z.int().describe('N as configured; fewer nodes hold fewer replicas'),
    buckets: z.int(),
    physicalNodes: z.int(),
    virtualNodes: z.int().describe('vnodes that own data'),
    nodes: z.array(ringNodeSchema),
    vnodes: z.array(vnodeSchema).describe('ascending by token'),
    placement: placementSchema.optional().describe('where the asked key lives'),
  })
  .meta({ id: 'Ring' });

export type RingView = z.infer<typeof ringSchema>;
export type RingNode = z.infer<typeof ringNodeSchema>;
export type Vnode = z.infer<typeof vnodeSchema>;
export type Placement = z.infer<typeof placementSchema>;
