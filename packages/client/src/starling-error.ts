import type { ApiError, ApiErrorCode } from '@starling/api-types';

/**
 * A call that did not succeed. `outcome` is that of the call with all its attempts: `failed` only when every one of
 * them provably had no effect.
 */
export class StarlingError extends Error {
  override readonly name = 'StarlingError';
  readonly code: ApiErrorCode;
  readonly outcome: 'failed' | 'unknown';
  readonly details: Readonly<Record<string, unknown>>;
  readonly requestId: string;
  /** Endpoint of the last attempt; null when none was made. */
  readonly endpoint: string | null;

  constructor(error: ApiError, requestId: string, endpoint: string | null) {
    super(`${error.code}: ${error.message}`);
    this.code = error.code;
    this.outcome = error.outcome ?? 'unknown';
    this.details = error.details ?? {};
    this.requestId = requestId;
    this.endpoint = endpoint;
  }
}
