import { z } from 'zod';
import { nodeIdSchema } from '../fields.ts';

const explainStepSchema = z.strictObject({
  replica: nodeIdSchema,
  phase: z.enum(['clock', 'read', 'store', 'write-back', 'hedge', 'repair', 'forward', 'prepare', 'accept']),
  sentUs: z.number(),
  answeredUs: z.number().nullable().describe('null while no answer has come'),
  result: z.string().describe('ok, or why the replica did not count'),
  closedQuorum: z.boolean().describe('this answer completed the quorum of its phase'),
});

export const explainSchema = z
  .strictObject({
    coordinator: nodeIdSchema,
    forwardedBy: nodeIdSchema
      .nullable()
      .describe('the node that received the request, when it was no replica'),
    ringEpoch: z.int(),
    bucket: z.int(),
    replicas: z.array(nodeIdSchema).describe('in preference order'),
    pending: z.array(nodeIdSchema).describe('replicas the arc is moving to'),
    needed: z.int(),
    steps: z.array(explainStepSchema),
    totalUs: z.number(),
  })
  .meta({
    id: 'Explain',
    description: 'What happened to one request; times in microseconds since it began.',
  });

export type ExplainReport = z.infer<typeof explainSchema>;
