import { z } from 'zod';
import { nodeIdSchema, timeSchema } from '../fields.ts';
import { liveEventSchema } from '../live.ts';

const eventSchema = liveEventSchema
  .omit({ eventId: true })
  .extend({
    eventId: z.string().describe('rises with each event of the observer, for ever; sorts as text'),
  })
  .meta({ id: 'CausalEvent' });

export const eventsSchema = z.strictObject({
  observer: nodeIdSchema.describe('the node whose log this is'),
  observedAt: timeSchema,
  events: z.array(eventSchema).describe('oldest first'),
  cursor: z
    .string()
    .nullable()
    .describe('give it back to go on behind the last event, now or at any later time; null in an empty log'),
  more: z.boolean().describe('there are later events already'),
  gap: z.boolean().describe('events behind the cursor were dropped before they were asked for'),
});

export type CausalEvent = z.infer<typeof eventSchema>;
export type Events = z.infer<typeof eventsSchema>;
