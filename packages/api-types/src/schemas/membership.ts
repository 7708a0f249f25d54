import { z } from 'zod';
import { nodeIdSchema, timeSchema } from '../fields.ts';

/** Who is alive, as one node believes it. */

export const memberSchema = z
  .strictObject({
    nodeId: nodeIdSchema,
    address: z.string(),
    status: z.enum(['alive', 'suspect', 'dead', 'left']),
    incarnation: z.int(),
    zone: z.string(),
    version: z.string(),
    ringEpoch: z.int().describe('the ring epoch the member last claimed'),
    state: z.string().describe('what the member says of itself: joining, normal, recovering, …'),
    statusSince: timeSchema,
  })
  .meta({ id: 'Member' });

const rumorSchema = z
  .strictObject({
    kind: z.enum(['alive', 'suspect', 'dead', 'left']),
    nodeId: nodeIdSchema,
    incarnation: z.int(),
    transmits: z.int().describe('times already sent by this node'),
  })
  .meta({ id: 'Rumor', description: 'A change that still rides on outgoing packets.' });

const observation = { observer: nodeIdSchema, observedAt: timeSchema };

export const membersSchema = z.strictObject({
  ...observation,
  aliveMembers: z.int(),
  members: z.array(memberSchema).describe('ascending by node id'),
});

export const gossipStatusSchema = z.strictObject({
  ...observation,
  incarnation: z.int(),
  healthScore: z.int().describe('Lifeguard’s local health: 0 is good, higher waits longer before suspecting'),
  probePeriodMs: z.number(),
  members: z.int(),
  aliveMembers: z.int(),
  suspectMembers: z.int(),
  deadMembers: z.int(),
  leftMembers: z.int(),
  rumorsQueued: z.int(),
});

export const rumorsSchema = z.strictObject({ ...observation, rumors: z.array(rumorSchema) });

export type Member = z.infer<typeof memberSchema>;
export type Members = z.infer<typeof membersSchema>;
export type GossipStatus = z.infer<typeof gossipStatusSchema>;
export type Rumor = z.infer<typeof rumorSchema>;
