import type { ApiError, ApiErrorCode } from '@starling/api-types';
import { clientLimits } from './limits.ts';

/** When and how soon a call is tried again. */

/** Errors that another node, or the same one a little later, may well not give. */
const passing: ReadonlySet<ApiErrorCode> = new Set<ApiErrorCode>([
  'overloaded',
  'quorum_unavailable',
  'not_ready',
  'recovering',
  'storage_failed',
  'shutting_down',
  'disk_full',
  'corrupt',
  'request_timeout',
  'no_node_reachable',
  'deadline_exceeded',
]);

/**
 * Whether trying again can help and does no harm. An unknown outcome may be retried where the operation is
 * `repeatable`: every attempt of a write carries the same request id, by which replicas recognise what they already
 * hold, and reads have no effect. A change of the ring that may have begun is not asked for twice.
 */
export function mayRetry(error: ApiError, repeatable: boolean): boolean {
  return passing.has(error.code) && (repeatable || error.outcome === 'failed');
}

/** Errors by which a node says that others should be asked first. */
export function shouldRest(error: ApiError): boolean {
  return passing.has(error.code) && error.code !== 'quorum_unavailable' && error.code !== 'corrupt';
}

/** Wait before the `retry`-th retry (from 0): exponential with full jitter, `fraction` in [0, 1). */
export function waitMs(retry: number, fraction: number): number {
  return fraction * Math.min(clientLimits.retryMsMax, clientLimits.retryMsMin * 2 ** retry);
}

/** Keeps retries a small part of all attempts: they cost a token each, and successes earn them. */
export class RetryBudget {
  #tokens: number = clientLimits.retryTokensMax;

  spend(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  earn(): void {
    this.#tokens = Math.min(clientLimits.retryTokensMax, this.#tokens + clientLimits.retryTokensPerSuccess);
  }
}
