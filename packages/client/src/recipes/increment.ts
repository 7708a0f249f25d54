import type { StarlingClient } from '../client.ts';

/** Adds `by` to the number under `key` (absent counts as 0), and answers the sum. */
export async function increment(client: StarlingClient, key: string, by = 1): Promise<number> {
  const written = await client.update(key, (held) => Number(held?.value ?? 0) + by);
  return Number(written?.value);
}
