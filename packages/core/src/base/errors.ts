/**
 * The closed set of operating errors. An error is a value, not an exception: it crosses module borders with its
 * facts. `packages/api-types` gives each code its HTTP status; a contract test keeps the two lists equal.
 */
export type ErrorCode =
  | 'invalid_request'
  | 'invalid_key'
  | 'invalid_context'
  | 'not_found'
  | 'request_id_reused'
  | 'too_many_siblings'
  | 'payload_too_large'
  | 'overloaded'
  | 'quorum_unavailable'
  | 'not_ready'
  | 'recovering'
  | 'disk_full'
  | 'storage_failed'
  | 'shutting_down'
  | 'corrupt';

/** `failed`: provably no effect. `unknown`: the effect may or may not have happened, or may still happen. */
export type Outcome = 'failed' | 'unknown';

/** Facts that travel with an error: flat JSON. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** One operating error. */
export interface DbError {
  readonly code: ErrorCode;
  readonly outcome: Outcome;
  readonly message: string;
  readonly details?: ErrorDetails;
}
