import type { StarlingClient } from '../client.ts';

/** Who holds a lock until when, and under which number. */
interface Holding {
  readonly owner: string | null;
  /** Milliseconds since 1970, by the clock of whoever wrote it. */
  readonly until: number;
  /** Higher each time the lock changes hands: what the lock guards must refuse a lower one than it has seen. */
  readonly fence: number;
}

const free: Holding = { owner: null, until: 0, fence: 0 };

/**
 * Takes the lock `key` for `owner` for `leaseMs`, or answers null while another holds it. The answer is the fencing
 * token: a holder that was paused past its lease does not know that it has lost the lock, but whoever is given its old
 * token with a request can tell.
 */
export async function acquire(
  client: StarlingClient,
  key: string,
  owner: string,
  leaseMs: number,
): Promise<number | null> {
  let fence: number | null = null;
  await client.update(key, (held) => {
    const now: Holding = (held?.value as Holding | undefined) ?? free;
    const isTaken = now.owner !== null && now.owner !== owner && now.until > Date.now();
    fence = isTaken ? null : now.fence + 1;
    return fence === null ? undefined : { owner, until: Date.now() + leaseMs, fence };
  });
  return fence;
}

/** Gives the lock back, unless another has taken it since. The number stays, so that the next is higher. */
export async function release(client: StarlingClient, key: string, fence: number): Promise<void> {
  await client.update(key, (held) => {
    const now = held?.value as Holding | undefined;
    return now?.fence === fence ? { owner: null, until: 0, fence } : undefined;
  });
}
