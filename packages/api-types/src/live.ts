import { z } from 'zod';
import { nodeIdSchema, timeSchema } from './fields.ts';
import { healthSchema } from './schemas/health.ts';
import { memberSchema } from './schemas/membership.ts';
import { hintsOwedSchema, nodeReportSchema, transferSchema } from './schemas/node-report.ts';
import { ringSchema } from './schemas/ring.ts';

/**
 * What `/ws` says: one snapshot, then what changes, each message with a sequence number that rises by one within a
 * connection. A receiver that meets a gap, or a sequence of 0 again, has a new snapshot before it. The server reads
 * nothing; a client that cannot keep up is sent a new snapshot when it can, and is let go if it cannot for long.
 */

const stamp = {
  sequence: z.int().describe('rises by one within a connection; a snapshot may come at any time'),
  observer: nodeIdSchema.describe('the node that speaks, and whose view this is'),
  at: timeSchema.describe('when the observer took this view'),
};

/**
 * Something an operator may want to see, as it happened. What comes in floods is told once when it begins and then at
 * intervals: `facts.count` says how many events one stands for, where there is more than one.
 */
export const liveEventSchema = z
  .strictObject({
    eventId: z.int().describe('rises by one within the life of the observer’s process'),
    at: timeSchema,
    kind: z.enum(['member', 'ring', 'transfer', 'hint', 'conflict', 'repair', 'state', 'corrupt', 'warning']),
    severity: z.enum(['info', 'warning', 'critical']),
    message: z.string().describe('one sentence'),
    nodeIds: z.array(nodeIdSchema).describe('the nodes it is about'),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .meta({ id: 'LiveEvent' });

export const liveStateSchema = z
  .strictObject({
    clusterId: z.string().nullable(),
    health: healthSchema,
    members: z.array(memberSchema),
    ring: ringSchema.nullable().describe('null until the observer knows a ring'),
    nodes: z.array(nodeReportSchema),
    transfers: z.array(transferSchema),
    hints: z.array(hintsOwedSchema),
    events: z.array(liveEventSchema).describe('the tail of the log, oldest first'),
  })
  .meta({ id: 'LiveState' });

/** Each part replaces the part of the same name as a whole, but `events`, which are appended. */
export const liveMessageSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('snapshot'), ...stamp, state: liveStateSchema }),
    z.strictObject({ type: z.literal('members'), ...stamp, members: z.array(memberSchema) }),
    z.strictObject({ type: z.literal('ring'), ...stamp, ring: ringSchema }),
    z.strictObject({ type: z.literal('nodes'), ...stamp, nodes: z.array(nodeReportSchema) }),
    z.strictObject({ type: z.literal('transfers'), ...stamp, transfers: z.array(transferSchema) }),
    z.strictObject({ type: z.literal('hints'), ...stamp, hints: z.array(hintsOwedSchema) }),
    z.strictObject({ type: z.literal('health'), ...stamp, health: healthSchema }),
    z.strictObject({ type: z.literal('events'), ...stamp, events: z.array(liveEventSchema) }),
  ])
  .meta({ id: 'LiveMessage' });

export type LiveEvent = z.infer<typeof liveEventSchema>;
export type LiveState = z.infer<typeof liveStateSchema>;
export type LiveMessage = z.infer<typeof liveMessageSchema>;

/** The state after `message`; a receiver folds every message with this. A part that comes before any snapshot is dropped. */
export function applyLiveMessage(
  state: LiveState | null,
  message: LiveMessage,
  eventsKept: number,
): LiveState | null {
  if (message.type === 'snapshot') return message.state;
  if (state === null) return null;
  switch (message.type) {
    case 'members':
      return { ...state, members: message.members };
    case 'ring':
      return { ...state, ring: message.ring, clusterId: message.ring.clusterId };
    case 'nodes':
      return { ...state, nodes: message.nodes };
    case 'transfers':
      return { ...state, transfers: message.transfers };
    case 'hints':
      return { ...state, hints: message.hints };
    case 'health':
      return { ...state, health: message.health };
    case 'events':
      return { ...state, events: [...state.events, ...message.events].slice(-eventsKept) };
    default:
      return message satisfies never;
  }
}
