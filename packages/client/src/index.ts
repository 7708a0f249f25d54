/** A typed client of a Starling cluster. */
export * from './client.ts';
export type { Answered, CallOptions } from './failover.ts';
export { clientLimits } from './limits.ts';
export { Session } from './session.ts';
export { StarlingError } from './starling-error.ts';
export type { Change, Held, UpdateOptions } from './update.ts';
