import type { StarlingClient } from '../client.ts';
import type { UpdateOptions } from '../update.ts';

/** Adds `by` to the number under `key` (absent counts as 0), and answers the sum. */
export async function increment(
  client: StarlingClient,
  key: string,
  by = 1,
  options: UpdateOptions = {},
): Promise<number> {
  const written = await client.update(key, (held) => Number(held?.value ?? 0) + by, options);
  return Number(written?.value);
}
