import { z } from 'zod';

/**
 * The closed set of error codes with the HTTP status of each. The first group is the database core's own; the
 * second belongs to the edge, where a request is refused before the database has seen it.
 */
export const errorStatus = {
  invalid_request: 400,
  invalid_key: 400,
  invalid_context: 400,
  not_found: 404,
  request_id_reused: 409,
  too_many_siblings: 409,
  precondition_failed: 412,
  payload_too_large: 413,
  overloaded: 429,
  quorum_unavailable: 503,
  not_ready: 503,
  recovering: 503,
  disk_full: 507,
  storage_failed: 503,
  shutting_down: 503,
  corrupt: 503,

  operation_refused: 409,
  unknown_operation: 404,
  unauthorized: 401,
  forbidden_origin: 403,
  no_such_route: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  unsupported_media_type: 415,
  expectation_failed: 417,
  upgrade_required: 426,
  headers_too_large: 431,
  internal: 500,
  no_node_reachable: 503,
  deadline_exceeded: 504,
} as const;

/** One of the closed set of error codes. */
export type ApiErrorCode = keyof typeof errorStatus;

/** Every error code, in the order of the table. */
export const errorCodes = Object.keys(errorStatus) as ApiErrorCode[]; // Object.keys forgets the key type.

/** What each code means, as the API reference tells it. */
export const errorMeaning: Readonly<Record<ApiErrorCode, string>> = {
  invalid_request: 'The request does not fit the contract; `details.issues` says where.',
  invalid_key: 'A key must be 1 to 1024 bytes of well-formed UTF-8.',
  invalid_context: 'The context is damaged, or was given for another key or another cluster.',
  not_found: 'The key has no value. `details.context` covers what was deleted.',
  request_id_reused: 'This request id was used before for something else.',
  too_many_siblings: 'The key has too many unresolved siblings: read it and write with its context.',
  precondition_failed:
    'The condition does not hold, and nothing was written; `details` has the value there is, its context and its entity tag.',
  payload_too_large: 'The body, a value or an answer is over its bound; `details` names the bound.',
  overloaded: 'A queue of the node is full. Nothing was done; try again after `Retry-After` seconds.',
  quorum_unavailable: 'Too few replicas answered; `details` says what was needed and what each said.',
  not_ready: 'The node has not joined a ring yet.',
  recovering: 'The node may have lost local history and does not serve until it has caught up.',
  disk_full: 'The node is below its low-water mark of free disk and takes no new values.',
  storage_failed: 'The node’s storage failed during the request.',
  shutting_down: 'The node is stopping and takes no new requests.',
  corrupt: 'Every replica that could answer holds damaged bytes of this key.',
  operation_refused: 'The ring cannot be changed so; `details.reason` says why.',
  unknown_operation: 'No operation of this id is listed, or none any more.',
  unauthorized: 'The cluster secret is missing or wrong.',
  forbidden_origin: 'A browser page of this origin may not use this node.',
  no_such_route: 'There is nothing at this path.',
  method_not_allowed: 'The path exists, but not with this method; `Allow` lists the methods.',
  request_timeout: 'The request did not arrive in full in time.',
  unsupported_media_type: 'The body must be JSON in UTF-8 without content encoding.',
  expectation_failed: 'The only expectation understood is `100-continue`.',
  upgrade_required: 'This path speaks WebSocket only.',
  headers_too_large: 'The header section is over its bound.',
  internal: 'A fault of the server.',
  no_node_reachable: 'No node of the cluster could be reached.',
  deadline_exceeded: 'The answer did not come before the request’s deadline.',
};

/** `failed`: provably no effect. `unknown`: the effect may or may not have happened, or may still happen. */
export const outcomeSchema = z.enum(['failed', 'unknown']);

export const errorBodySchema = z
  .strictObject({
    code: z.enum(errorCodes),
    message: z.string(),
    outcome: outcomeSchema
      .optional()
      .describe('failed: provably no effect; unknown: the effect may have happened or may still happen'),
    details: z.record(z.string(), z.unknown()).optional(),
    requestId: z.string(),
  })
  .meta({ id: 'Error' });

/** The one error shape of every answer. */
export const errorResponseSchema = z.strictObject({ error: errorBodySchema }).meta({ id: 'ErrorResponse' });

export type ErrorBody = z.infer<typeof errorBodySchema>;

/** An error before it is given the id of the request it answers. */
export type ApiError = Omit<ErrorBody, 'requestId'>;

/** What an operation gives: its output, or one operating error as a value. */
export type Result<Output> =
  | { readonly ok: true; readonly output: Output }
  | { readonly ok: false; readonly error: ApiError };

/** Makes an error that provably had no effect. */
export function failed(code: ApiErrorCode, message: string, details?: Record<string, unknown>): ApiError {
  return details === undefined
    ? { code, message, outcome: 'failed' }
    : { code, message, outcome: 'failed', details };
}

/** Makes an error after which the effect may have happened. */
export function unknownOutcome(
  code: ApiErrorCode,
  message: string,
  details?: Record<string, unknown>,
): ApiError {
  return details === undefined
    ? { code, message, outcome: 'unknown' }
    : { code, message, outcome: 'unknown', details };
}
