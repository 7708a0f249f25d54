import { type ApiError, failed, type JsonValue, type Result } from '@starling/api-types';
import { describe, expect, test } from 'vitest';
import { StarlingClient } from './client.ts';
import { clientLimits } from './limits.ts';
import { increment } from './recipes/increment.ts';
import { acquire, release } from './recipes/lock.ts';
import { StarlingError } from './starling-error.ts';
import type { Transport } from './transport.ts';

/** One key's worth of a cluster, as far as these tests need it: conditions, tags and request ids are real. */
class Keys {
  readonly #values = new Map<string, { readonly value: JsonValue; readonly version: number }>();
  readonly #applied = new Set<string>();
  #version = 0;
  /** Called before each write is judged. */
  onPut: () => void = () => undefined;
  /** How many answers to writes are lost after the write was done. */
  losses = 0;
  writes = 0;

  value(key: string): JsonValue | undefined {
    return this.#values.get(key)?.value;
  }

  set(key: string, value: JsonValue): void {
    this.#values.set(key, { value, version: ++this.#version });
  }

  readonly transport: Transport = async (_url, id, input) => {
    // The client makes inputs to the contract.
    const given = input as Record<string, string> & { readonly value: JsonValue };
    const result: Result<unknown> =
      id === 'data.get' ? this.#get(given['key'] ?? '') : this.#put(given['key'] ?? '', given);
    if (id === 'data.put' && result.ok && this.losses > 0) {
      this.losses--;
      const lost: ApiError = { code: 'no_node_reachable', message: 'broke', outcome: 'unknown' };
      return { result: { ok: false, error: lost }, reached: false };
    }
    return { result, reached: true };
  };

  #get(key: string): Result<unknown> {
    const held = this.#values.get(key);
    if (held === undefined) return { ok: false, error: failed('not_found', 'the key has no value') };
    return { ok: true, output: this.#shown(held) };
  }

  #put(key: string, input: Record<string, string> & { readonly value: JsonValue }): Result<unknown> {
    const requestId = input['requestId'] ?? '';
    if (this.#applied.has(requestId)) return { ok: true, output: { value: input.value, repeated: true } };
    this.onPut();
    const held = this.#values.get(key);
    const holds =
      input['ifNoneMatch'] === '*'
        ? held === undefined
        : input['ifMatch'] === undefined || input['ifMatch'] === `"${held?.version}"`;
    if (!holds) {
      const there = held === undefined ? { exists: false } : { exists: true, ...this.#shown(held) };
      return { ok: false, error: failed('precondition_failed', 'the condition does not hold', there) };
    }
    this.writes++;
    this.#applied.add(requestId);
    this.set(key, input.value);
    return { ok: true, output: { value: input.value, repeated: false } };
  }

  #shown({ value, version }: { readonly value: JsonValue; readonly version: number }) {
    return { value, etag: `"${version}"`, context: `c${version}`, siblings: [] };
  }
}

function connected() {
  const keys = new Keys();
  let now = 0;
  let ids = 0;
  const paused = { meanwhile: (): void => undefined };
  const client = new StarlingClient({
    endpoints: ['http://a', 'http://b'],
    transport: keys.transport,
    nowMs: () => now,
    fraction: () => 0.01,
    sleep: async (ms) => {
      now += ms;
      paused.meanwhile();
    },
    freshId: () => `id-${++ids}`,
  });
  return { keys, client, paused, wait: (ms: number) => (now += ms) };
}

describe('update', () => {
  test('writes what the change makes of the value, or of its absence', async () => {
    const { keys, client } = connected();
    expect((await client.update('k', (held) => (held === null ? 'new' : 'changed')))?.value).toBe('new');
    await client.update('k', (held) => [held?.value ?? null]);
    expect(keys.value('k')).toEqual(['new']);
  });

  test('runs the change again on what another client has written meanwhile', async () => {
    const { keys, client } = connected();
    keys.set('n', 1);
    let others = 3;
    keys.onPut = () => {
      if (others-- > 0) keys.set('n', Number(keys.value('n')) + 10);
    };
    const seen: unknown[] = [];
    await client.update('n', (held) => {
      seen.push(held?.value);
      return Number(held?.value) + 1;
    });
    expect(seen).toEqual([1, 11, 21, 31]);
    expect(keys.value('n')).toBe(32);
  });

  test('works the change out anew on what is there after its pause, not on what refused it', async () => {
    const { keys, client, paused } = connected();
    keys.set('n', 1);
    let others = 1;
    keys.onPut = () => {
      if (others-- > 0) keys.set('n', 10);
    };
    paused.meanwhile = () => keys.set('n', 100);
    await increment(client, 'n');
    expect([keys.value('n'), keys.writes]).toEqual([101, 1]);
  });

  test('applies a change once, though the answer to it was lost', async () => {
    const { keys, client } = connected();
    keys.losses = 2;
    await increment(client, 'n');
    expect([keys.value('n'), keys.writes]).toEqual([1, 1]);
  });

  test('leaves the value as it is when the change says so', async () => {
    const { keys, client } = connected();
    keys.set('k', 'kept');
    expect(await client.update('k', () => undefined)).toBeNull();
    expect([keys.value('k'), keys.writes]).toEqual(['kept', 0]);
  });

  test('gives up when its time is over, and says why', async () => {
    const { keys, client, wait } = connected();
    keys.onPut = () => {
      keys.set('n', 0);
      wait(400);
    };
    const update = client.update('n', () => 1, { timeoutMs: 1000 });
    await expect(update).rejects.toMatchObject({ code: 'precondition_failed', outcome: 'failed' });
    expect(keys.writes).toBe(0);
  });

  test('gives up after so many refusals (clientLimits.updateAttemptsMax)', async () => {
    const { keys, client } = connected();
    let tries = 0;
    keys.onPut = () => {
      tries++;
      keys.set('n', tries);
    };
    await expect(client.update('n', () => 1, { timeoutMs: 1e9 })).rejects.toThrow(StarlingError);
    expect(tries).toBe(clientLimits.updateAttemptsMax);
  });

  test('passes on whatever else goes wrong', async () => {
    const { client } = connected();
    const fault = new Error('the change cannot be worked out');
    await expect(
      client.update('k', () => {
        throw fault;
      }),
    ).rejects.toBe(fault);
  });
});

describe('the recipes', () => {
  test('a counter counts each increment of several clients once', async () => {
    const { keys, client } = connected();
    await Promise.all(Array.from({ length: 20 }, () => increment(client, 'n')));
    expect(await increment(client, 'n', 5)).toBe(25);
    expect(keys.value('n')).toBe(25);
  });

  test('a lock is held by one, and each holder gets a higher number', async () => {
    const { client } = connected();
    const first = await acquire(client, 'lock', 'ada', 60_000);
    expect(first).toBe(1);
    expect(await acquire(client, 'lock', 'bob', 60_000)).toBeNull();
    await release(client, 'lock', first ?? 0);
    const second = await acquire(client, 'lock', 'bob', 60_000);
    expect(second).toBe(2);
    // A holder of the past cannot give back what it does not hold.
    await release(client, 'lock', first ?? 0);
    expect(await acquire(client, 'lock', 'ada', 60_000)).toBeNull();
  });

  test('a lock whose lease is over can be taken, and its old number tells the late holder apart', async () => {
    const { client } = connected();
    const first = await acquire(client, 'lock', 'ada', -1);
    const second = await acquire(client, 'lock', 'bob', 60_000);
    expect(second).toBeGreaterThan(first ?? 0);
  });
});
