import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inBatches } from './batches.ts';
import { clientLimits } from './limits.ts';

test('results come back in the order of the items, in batches a node takes, a few at a time (clientLimits.batchesInFlightMax)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 3000 }), async (count) => {
      const items = Array.from({ length: count }, (_, i) => i);
      let open = 0;
      const results = await inBatches(items, async (batch) => {
        open++;
        expect(batch.length).toBeLessThanOrEqual(256);
        expect(open).toBeLessThanOrEqual(clientLimits.batchesInFlightMax);
        await Promise.resolve();
        open--;
        return batch.map((item) => -item);
      });
      expect(results).toEqual(items.map((item) => -item));
    }),
  );
});

test('as many batches are under way as the bound, never more (clientLimits.batchesInFlightMax)', async () => {
  const items = Array.from({ length: 256 * (clientLimits.batchesInFlightMax + 2) }, (_, i) => i);
  let open = 0;
  let most = 0;
  await inBatches(items, async (batch) => {
    most = Math.max(most, ++open);
    await Promise.resolve();
    open--;
    return batch;
  });
  expect(most).toBe(clientLimits.batchesInFlightMax);
});
