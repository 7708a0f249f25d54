import { apiLimits } from '@starling/api-types';
import { clientLimits } from './limits.ts';

/** Splits `items` into batches that a node takes, runs a few at a time, and joins their results in order. */
export async function inBatches<Item, Output>(
  items: readonly Item[],
  run: (batch: readonly Item[]) => Promise<readonly Output[]>,
): Promise<Output[]> {
  const size = apiLimits.batchItemsMax;
  const batches = Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
  const results: (readonly Output[])[] = [];
  let next = 0;
  const work = async () => {
    while (next < batches.length) {
      const at = next++;
      results[at] = await run(batches[at] ?? []);
    }
  };
  await Promise.all(Array.from({ length: Math.min(clientLimits.batchesInFlightMax, batches.length) }, work));
  return results.flat();
}
