import type { Entry, JsonValue, Written } from '@starling/api-types';
import type { PutOptions, StarlingClient } from './client.ts';
import { clientLimits } from './limits.ts';
import { StarlingError } from './starling-error.ts';

/** What a key held when its change was worked out. */
export type Held = Pick<Entry, 'value' | 'context' | 'etag' | 'siblings'>;

/** Works out the next value from what is held (null: nothing); `undefined` leaves it as it is. May run several times. */
export type Change = (held: Held | null) => JsonValue | undefined | Promise<JsonValue | undefined>;

export type UpdateOptions = Pick<PutOptions, 'timeoutMs' | 'signal' | 'ttlSeconds'>;

/** What `update` needs of the outside. */
export interface UpdateParts {
  readonly nowMs: () => number;
  readonly fraction: () => number;
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/**
 * Reads, changes and writes back on condition that nobody has written meanwhile, until it succeeds: the change is applied
 * exactly once to the value it was given. A refused write says what there is; after a pause it is read again.
 */
export async function updateKey(
  client: Pick<StarlingClient, 'get' | 'put'>,
  parts: UpdateParts,
  key: string,
  change: Change,
  { timeoutMs = clientLimits.timeoutMs, signal, ttlSeconds }: UpdateOptions,
): Promise<Written | null> {
  const endsAtMs = parts.nowMs() + timeoutMs;
  const leftMs = () => Math.max(1, endsAtMs - parts.nowMs());
  let held: Held | null = await client.get(key, { signal, timeoutMs: leftMs() });
  for (let attempt = 1; ; attempt++) {
    const value = await change(held);
    if (value === undefined) return null;
    const condition = held === null ? ({ ifNoneMatch: '*' } as const) : { ifMatch: held.etag };
    const beganMs = parts.nowMs();
    try {
      return await client.put(key, value, { ...condition, ttlSeconds, signal, timeoutMs: leftMs() });
    } catch (error) {
      if (!wasUnmet(error) || attempt >= clientLimits.updateAttemptsMax || parts.nowMs() >= endsAtMs)
        throw error;
      const tookMs = parts.nowMs() - beganMs;
      const pauseMs = contendedMs(attempt, tookMs, parts.fraction());
      await parts.sleep(Math.min(leftMs(), pauseMs), signal);
      // What the refusal said there is may have been replaced meanwhile, and a refused write costs more than a read.
      held = pauseMs > tookMs / 4 ? await client.get(key, { signal, timeoutMs: leftMs() }) : heldIn(error);
    }
  }
}

/**
 * Pause after the `attempt`-th refusal (from 1) in a row, in ms: at random up to the time that the write took, which grows
 * with the number of clients that want the key, twice as long each time.
 */
function contendedMs(attempt: number, tookMs: number, fraction: number): number {
  const most = Math.max(tookMs, clientLimits.retryMsMin) * 2 ** attempt;
  return fraction * Math.min(clientLimits.retryMsMax, most);
}

/** Refused, and not applied by an earlier attempt of the same call either: a node recognises the call's request id. */
function wasUnmet(error: unknown): error is StarlingError {
  return error instanceof StarlingError && error.code === 'precondition_failed';
}

/** What a refusal says there is. The node made it to the contract, which the compiler cannot see in `details`. */
function heldIn({ details }: StarlingError): Held | null {
  if (details['exists'] !== true) return null;
  const { value, context, etag, siblings } = details as unknown as Held;
  return { value, context, etag, siblings };
}
