import { z } from 'zod';
import { timeSchema } from '../fields.ts';

const subjectSchema = z.strictObject({
  kind: z.enum(['node', 'ring', 'transfer', 'storage']),
  id: z.string().describe('a node id, or a name of the thing within the observer'),
});

const healthReasonSchema = z
  .strictObject({
    code: z.enum([
      'node_dead',
      'node_suspect',
      'node_unheard',
      'node_joining',
      'node_leaving',
      'node_recovering',
      'no_ring',
      'quorum_lost',
      'fewer_nodes_than_replicas',
      'hints_pending',
      'transfer_running',
      'disk_low',
      'storage_failed',
      'records_damaged',
      'event_loop_slow',
    ]),
    severity: z.enum(['info', 'warning', 'critical']),
    message: z.string().describe('one sentence with its figures'),
    subject: subjectSchema.describe('the culprit'),
  })
  .meta({ id: 'HealthReason' });

export const healthSchema = z
  .strictObject({
    verdict: z.enum(['healthy', 'degraded', 'critical']),
    summary: z.string().describe('one line'),
    reasons: z.array(healthReasonSchema).describe('gravest first; info reasons do not lower the verdict'),
    observedAt: timeSchema,
  })
  .meta({
    id: 'Health',
    description: 'One verdict on the cluster as the observer sees it, each reason with its culprit.',
  });

export type HealthReason = z.infer<typeof healthReasonSchema>;
export type Health = z.infer<typeof healthSchema>;
