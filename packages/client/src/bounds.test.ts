import { failed } from '@starling/api-types';
import { afterEach, expect, test, vi } from 'vitest';
import { StarlingClient } from './client.ts';
import { Endpoints } from './endpoints.ts';
import { Failover, type FailoverParts } from './failover.ts';
import { clientLimits } from './limits.ts';
import { RetryBudget, waitMs } from './retry.ts';
import type { Transport } from './transport.ts';

/** The client at each of its bounds, in virtual time. Those on attempts and batches are beside what they bound. */

afterEach(() => {
  vi.restoreAllMocks();
});

/** Parts of a client of one endpoint whose clock the test moves. */
function partsOf(transport: Transport, clock = { ms: 0 }): FailoverParts {
  return {
    endpoints: ['http://a'],
    transport,
    nowMs: () => clock.ms,
    fraction: () => 0.5,
    sleep: async (ms) => {
      clock.ms += ms;
    },
    freshId: () => 'fresh',
  };
}

test('an attempt may take so long, and not longer than the call (clientLimits.attemptMs)', async () => {
  const timeout = vi.spyOn(AbortSignal, 'timeout');
  const failover = new Failover(partsOf(async () => ({ result: { ok: true, output: null }, reached: true })));
  await failover.call('data.get', { key: 'k' });
  await failover.call('data.get', { key: 'k' }, { timeoutMs: clientLimits.attemptMs - 1 });
  expect(timeout.mock.calls).toEqual([[clientLimits.attemptMs], [clientLimits.attemptMs - 1]]);
});

test('a call with all its attempts may take so long (clientLimits.timeoutMs)', async () => {
  const clock = { ms: 0 };
  const attemptsOf = async (attemptMs: number) => {
    let attempts = 0;
    const failover = new Failover({
      ...partsOf(async () => {
        attempts++;
        clock.ms += attemptMs;
        return { result: { ok: false, error: failed('overloaded', 'full') }, reached: true };
      }, clock),
      sleep: async () => {},
    });
    await failover.call('data.get', { key: 'k' });
    return attempts;
  };
  expect(await attemptsOf(clientLimits.timeoutMs)).toBe(1);
  expect(await attemptsOf(clientLimits.timeoutMs - 1)).toBe(2);
});

test('waits begin at one bound and end at the other (clientLimits.retryMsMin, clientLimits.retryMsMax)', () => {
  expect(waitMs(0, 1)).toBe(clientLimits.retryMsMin);
  expect(waitMs(1, 1)).toBe(2 * clientLimits.retryMsMin);
  expect(waitMs(30, 1)).toBe(clientLimits.retryMsMax);
});

test('rests begin at one bound and end at the other (clientLimits.restMsMin, clientLimits.restMsMax)', () => {
  const urls = ['http://a', 'http://b'];
  const restsUntil = (failures: number, nowMs: number) => {
    const endpoints = new Endpoints(urls, 0);
    for (let i = 0; i < failures; i++) endpoints.failed('http://a', 0);
    return endpoints.inOrder(nowMs)[0] === 'http://b';
  };
  expect(restsUntil(1, clientLimits.restMsMin - 1)).toBe(true);
  expect(restsUntil(1, clientLimits.restMsMin)).toBe(false);
  expect(restsUntil(2, 2 * clientLimits.restMsMin - 1)).toBe(true);
  expect(restsUntil(30, clientLimits.restMsMax - 1)).toBe(true);
  expect(restsUntil(30, clientLimits.restMsMax)).toBe(false);
});

test('retries are saved up to a bound, a part for each success (clientLimits.retryTokensMax, clientLimits.retryTokensPerSuccess)', () => {
  const budget = new RetryBudget();
  const spendAll = () => {
    let spent = 0;
    while (budget.spend()) spent++;
    return spent;
  };
  for (let i = 0; i < 10; i++) budget.earn();
  expect(spendAll()).toBe(clientLimits.retryTokensMax);
  const successes = Math.ceil(1 / clientLimits.retryTokensPerSuccess);
  for (let i = 0; i < successes - 1; i++) budget.earn();
  expect(spendAll()).toBe(0);
  budget.earn();
  expect(spendAll()).toBe(1);
});

test('a session remembers so many keys and forgets the one used longest ago (clientLimits.sessionKeysMax)', async () => {
  const contexts: unknown[] = [];
  const client = new StarlingClient(
    partsOf(async (_url, _id, input) => {
      if (typeof input === 'object' && input !== null) contexts.push(Reflect.get(input, 'context'));
      return { result: { ok: true, output: { context: 'seen' } }, reached: true };
    }),
  );
  const session = client.session();
  for (let i = 0; i < clientLimits.sessionKeysMax; i++) await session.put(`k${i}`, i);
  contexts.length = 0;
  await session.put('k0', 'again');
  await session.put('one more', 1);
  await session.put('k1', 'forgotten');
  await session.put('k0', 'still known');
  expect(contexts).toEqual(['seen', undefined, undefined, 'seen']);
});
