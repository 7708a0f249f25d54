import { z } from 'zod';
import { nodeIdSchema, timeSchema } from '../fields.ts';
import { healthSchema } from './health.ts';
import { hintsOwedSchema, nodeReportSchema, nodeStateSchema, transferSchema } from './node-report.ts';

const observation = { observer: nodeIdSchema, observedAt: timeSchema };

export const statusSchema = z.strictObject({
  ...observation,
  nodeId: nodeIdSchema,
  clusterId: z.string().nullable().describe('null until the node knows a ring'),
  version: z.string(),
  state: nodeStateSchema,
  stateReason: z.string(),
  ready: z.boolean(),
  uptimeMs: z.number(),
  ringEpoch: z.int(),
  members: z.strictObject({
    total: z.int(),
    alive: z.int(),
    suspect: z.int(),
    dead: z.int(),
    left: z.int(),
  }),
  health: healthSchema,
  node: nodeReportSchema,
});

export const clusterSchema = z.strictObject({
  ...observation,
  clusterId: z.string().nullable(),
  ringEpoch: z.int(),
  health: healthSchema,
  nodes: z.array(nodeReportSchema).describe('ascending by node id'),
  transfers: z.array(transferSchema),
  hints: z.array(hintsOwedSchema).describe('notes the observer keeps for others'),
});

export const storageSchema = z.strictObject({
  ...observation,
  nodeId: nodeIdSchema,
  keys: z.int(),
  tombstones: z.int(),
  recordBytes: z.int(),
  hints: z.int(),
  diskLow: z.boolean().describe('below the low-water mark: clients’ writes are refused'),
  damagedRecords: z.int().describe('records whose bytes fail their checksum and are not mended yet'),
  actor: z.string().describe('names its writes; changes when local history may be incomplete'),
  counter: z.int().describe('highest counter issued under the actor'),
  diskUsedBytes: z.number().nullable(),
  diskFreeBytes: z.number().nullable(),
});

export type NodeStatus = z.infer<typeof statusSchema>;
export type ClusterOverview = z.infer<typeof clusterSchema>;
export type StorageReport = z.infer<typeof storageSchema>;
