import { failed } from '@starling/api-types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clientLimits } from './limits.ts';
import { mayRetry, RetryBudget, waitMs } from './retry.ts';

test('waits double up to their bound', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 100 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (retry, fraction) => {
        expect(waitMs(retry, fraction)).toBeLessThanOrEqual(
          Math.min(clientLimits.retryMsMax, 20 * 2 ** retry),
        );
      },
    ),
  );
});

test('what the caller did wrong is not tried again, what may pass is', () => {
  const codes = [
    'invalid_request',
    'not_found',
    'unauthorized',
    'payload_too_large',
    'request_id_reused',
    'internal',
  ] as const;
  expect(codes.filter((code) => mayRetry(failed(code, ''), true))).toEqual([]);
  expect(mayRetry(failed('quorum_unavailable', ''), true)).toBe(true);
});

test('the budget is spent one by one and earned slowly', () => {
  const budget = new RetryBudget();
  for (let i = 0; i < clientLimits.retryTokensMax; i++) expect(budget.spend()).toBe(true);
  expect(budget.spend()).toBe(false);
  for (let i = 0; i < 3; i++) budget.earn();
  expect(budget.spend()).toBe(false);
  budget.earn();
  expect(budget.spend()).toBe(true);
});
