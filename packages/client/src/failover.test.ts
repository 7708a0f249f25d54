import { type ApiError, failed, unknownOutcome } from '@starling/api-types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failover } from './failover.ts';
import { clientLimits } from './limits.ts';
import type { Attempt } from './transport.ts';

const done: Attempt = { result: { ok: true, output: 'done' }, reached: true };
const refused = (error: ApiError, reached = true): Attempt => ({ result: { ok: false, error }, reached });
const unreachable = refused(failed('no_node_reachable', 'not there'), false);
const broken = refused(unknownOutcome('no_node_reachable', 'broke'), false);
const full = refused(failed('overloaded', 'full'));
const invalid = refused(failed('invalid_request', 'no'));

/** A client whose attempts come from a script, in virtual time. */
function scripted(script: readonly Attempt[], endpoints = ['http://a', 'http://b', 'http://c']) {
  const seen: { url: string; input: unknown; requestId: string }[] = [];
  let now = 0;
  const failover = new Failover({
    endpoints,
    transport: async (url, _id, input, { requestId }) => {
      seen.push({ url, input, requestId });
      now += 1;
      return script[seen.length - 1] ?? unreachable;
    },
    nowMs: () => now,
    fraction: () => 0,
    sleep: async (ms) => {
      now += ms;
    },
    freshId: () => 'fresh',
  });
  return { failover, seen };
}

const put = { key: 'k', value: 1 };

describe('a call', () => {
  test('goes to the next node when one cannot be reached', async () => {
    const { failover, seen } = scripted([unreachable, done]);
    expect((await failover.call('data.put', put)).result).toEqual({ ok: true, output: 'done' });
    expect(seen.map((each) => each.url)).toEqual(['http://a', 'http://b']);
  });

  test('carries one request id through all attempts of a write', async () => {
    const { failover, seen } = scripted([broken, full, done]);
    await failover.call('data.put', put);
    expect(seen.map((each) => each.requestId)).toEqual(['fresh', 'fresh', 'fresh']);
    expect(seen.map((each) => each.input)).toEqual(seen.map(() => ({ ...put, requestId: 'fresh' })));
  });

  test('adds no field to an operation that takes no request id, and repeats it only after no effect', async () => {
    const drain = { nodeId: 'n-9', plan: 'p-1' };
    const { failover, seen } = scripted([full, broken, done]);
    const { result } = await failover.call('cluster.drain', drain);
    expect(seen.map((each) => each.input)).toEqual([drain, drain]);
    expect(result.ok ? null : result.error.outcome).toBe('unknown');
  });

  test('takes the id it is given', async () => {
    const { failover, seen } = scripted([done]);
    const answered = await failover.call('data.put', put, { requestId: 'mine' });
    expect([answered.requestId, seen[0]?.requestId]).toEqual(['mine', 'mine']);
  });

  test('is not tried again when that cannot help', async () => {
    const { failover, seen } = scripted([invalid, done]);
    expect((await failover.call('data.put', put)).result).toEqual({
      ok: false,
      error: failed('invalid_request', 'no'),
    });
    expect(seen).toHaveLength(1);
  });

  test('ends after a bounded number of attempts (clientLimits.attemptsMax)', async () => {
    const { failover, seen } = scripted([]);
    const { result } = await failover.call('data.get', { key: 'k' });
    expect(result).toMatchObject({ ok: false, error: { code: 'no_node_reachable', outcome: 'failed' } });
    expect(seen).toHaveLength(clientLimits.attemptsMax);
  });

  test('makes no attempt once its time is over', async () => {
    const { failover, seen } = scripted([full, full, done]);
    const { result } = await failover.call('data.get', { key: 'k' }, { timeoutMs: 2 });
    expect(result.ok).toBe(false);
    expect(seen).toHaveLength(2);
  });

  test('ends in order when its time is over while it waits', async () => {
    const { failover, seen } = scripted([full, full], ['http://a']);
    const { result } = await failover.call('data.get', { key: 'k' }, { timeoutMs: 1 });
    expect(result).toMatchObject({ ok: false, error: { code: 'overloaded' } });
    expect(seen).toHaveLength(1);
  });

  test('rejects with the reason of its signal', async () => {
    const { failover, seen } = scripted([done]);
    const signal = AbortSignal.abort(new Error('changed my mind'));
    await expect(failover.call('data.get', { key: 'k' }, { signal })).rejects.toThrow('changed my mind');
    expect(seen).toEqual([]);
  });

  test('remembers who was away', async () => {
    const { failover, seen } = scripted([unreachable, done, done, done, done]);
    for (let i = 0; i < 4; i++) await failover.call('data.get', { key: 'k' });
    expect(seen.slice(1).map((each) => each.url)).not.toContain('http://a');
  });
});

test('an outage does not multiply the load: retries end with their budget (clientLimits.retryTokensMax)', async () => {
  const { failover, seen } = scripted([]);
  for (let i = 0; i < 100; i++) await failover.call('data.get', { key: 'k' });
  expect(seen.length).toBeLessThanOrEqual(100 + clientLimits.retryTokensMax);
});

test('a call is told as failed only if no attempt can have had an effect', async () => {
  const attempts = [done, unreachable, broken, full, invalid];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...attempts), { minLength: 8, maxLength: 8 }),
      async (script) => {
        const { failover, seen } = scripted(script);
        const { result } = await failover.call('data.put', put);
        const made = script.slice(0, seen.length);
        const mayHaveHappened = made.some(
          (each) => !each.result.ok && each.result.error.outcome === 'unknown',
        );
        if (result.ok) expect(made.at(-1)).toBe(done);
        else expect(result.error.outcome).toBe(mayHaveHappened ? 'unknown' : 'failed');
      },
    ),
  );
});

test('at least one endpoint is needed', () => {
  expect(() => scripted([], [])).toThrow(TypeError);
});
