import { describe, expect, test } from 'vitest';
import { apiLimits } from '../limits.ts';
import { type OperationId, operationOf } from '../operations/index.ts';
import { conditionProblem, type RestParts, readInput, requestIdOf } from './input.ts';

const nothing: RestParts = { rest: null, query: null, header: () => null, body: null };

function code(id: OperationId, parts: Partial<RestParts>): string | null {
  const input = readInput(id, { ...nothing, ...parts });
  return input.ok ? null : input.error.code;
}

describe('a PUT', () => {
  test('gathers its input from path, query, header and body', () => {
    const input = readInput('data.put', {
      rest: 'a%2Fb',
      query: 'w=2&explain=1',
      header: (name) => (name === 'x-request-id' ? 'r-1' : null),
      body: '{"value":{"n":0},"ttlSeconds":5}',
    });
    expect(input).toEqual({
      ok: true,
      output: { key: 'a/b', value: { n: 0 }, ttlSeconds: 5, w: 2, explain: true, requestId: 'r-1' },
    });
  });

  test.each([
    ['no body', null],
    ['an empty body', ''],
    ['white space', ' \n'],
    ['truncated JSON', '{"value":1'],
    ['trailing garbage', '{"value":1}x'],
    ['two documents', '{"value":1}{"value":2}'],
    ['a byte order mark', '\ufeff{"value":1}'],
    ['an array', '[1]'],
    ['null', 'null'],
    ['no value', '{}'],
    ['an unknown field', '{"value":1,"dot":"x"}'],
    ['a __proto__ field', '{"value":1,"__proto__":{"context":"x"}}'],
    ['a TTL of the wrong type', '{"value":1,"ttlSeconds":"5"}'],
    ['a TTL of zero', '{"value":1,"ttlSeconds":0}'],
    ['a TTL beyond ten years', '{"value":1,"ttlSeconds":315360001}'],
    ['a number no double holds', '{"value":1e400}'],
    ['a depth of 33', `{"value":${'['.repeat(33)}${']'.repeat(33)}}`],
  ])('with %s is refused', (_, body) => {
    expect(code('data.put', { rest: 'k', body })).toBe('invalid_request');
  });

  test('with a context of the wrong form says so', () => {
    for (const context of ['5', '""', '"a b"', 'null', `"${'x'.repeat(760_001)}"`]) {
      expect(code('data.put', { rest: 'k', body: `{"value":1,"context":${context}}` })).toBe(
        'invalid_context',
      );
    }
  });

  test('the last of two equal names counts, as JSON.parse has it', () => {
    const input = readInput('data.put', { ...nothing, rest: 'k', body: '{"value":1,"value":2}' });
    expect(input.ok && input.output.value).toBe(2);
  });
});

describe('levels', () => {
  test.each([
    'w=0',
    'w=-1',
    'w=8',
    'w=NaN',
    'w=1e0',
    'r=1',
    'consistency=most',
    'consistency=all&w=1',
    'w=1&w=2',
  ])('a write with %s is refused', (query) => {
    expect(code('data.put', { rest: 'k', query, body: '{"value":1}' })).toBe('invalid_request');
  });

  test.each(['timeoutMs=0', 'timeoutMs=-1', 'timeoutMs=60001', 'timeoutMs=1000000000000'])(
    'a read with %s is refused',
    (query) => {
      expect(code('data.get', { rest: 'k', query })).toBe('invalid_request');
    },
  );
});

describe('a DELETE', () => {
  test('takes its context from the query or from the body', () => {
    expect(code('data.delete', { rest: 'k', query: 'context=abc' })).toBeNull();
    expect(code('data.delete', { rest: 'k', body: '{"context":"abc"}' })).toBeNull();
    expect(code('data.delete', { rest: 'k', query: 'context=abc', body: '{"context":"abc"}' })).toBeNull();
  });

  test('with two different contexts is refused', () => {
    expect(code('data.delete', { rest: 'k', query: 'context=abc', body: '{"context":"abd"}' })).toBe(
      'invalid_request',
    );
  });
});

describe('a batch', () => {
  test('names the key that is at fault', () => {
    const input = readInput('batch.get', { ...nothing, body: '{"keys":["a",""]}' });
    expect(input.ok ? null : input.error).toMatchObject({
      code: 'invalid_key',
      message: 'keys[1]: a key must not be empty',
    });
  });

  test.each([
    ['no keys', '{"keys":[]}'],
    ['257 keys', JSON.stringify({ keys: Array.from({ length: 257 }, (_, i) => `k${i}`) })],
    ['a key that is a number', '{"keys":[5]}'],
  ])('with %s is refused', (_, body) => {
    expect(code('batch.get', { body })).toBe('invalid_key');
  });

  test.each([
    ['the same key twice', '{"items":[{"key":"a","value":1},{"key":"a","value":2}]}'],
    ['a field it does not know', '{"items":[{"key":"a","value":1,"owner":"me"}]}'],
    ['a __proto__ field', '{"items":[{"key":"a","value":1,"__proto__":{}}]}'],
    ['a value 33 levels deep', `{"items":[{"key":"a","value":${'['.repeat(33)}${']'.repeat(33)}}]}`],
  ])('of writes with %s is refused', (_, body) => {
    expect(code('batch.put', { body })).toBe('invalid_request');
  });
});

test('a body where none is taken is refused', () => {
  expect(code('cluster.status', { body: '{}' })).toBe('invalid_request');
});

test('a request id is kept, made, or refused', () => {
  expect(requestIdOf('mine', () => 'fresh')).toBe('mine');
  expect(requestIdOf(undefined, () => 'fresh')).toBe('fresh');
  expect(requestIdOf('', () => 'fresh')).toBeNull();
});

describe('a condition', () => {
  const given = (name: string) => (header: string) => (header === name ? '"abc"' : null);
  const problem = (id: OperationId, name: string) => conditionProblem(operationOf(id).rest, given(name));

  test('on a write that does not take it is refused rather than ignored', () => {
    expect(problem('batch.put', 'if-match')?.code).toBe('invalid_request');
    expect(problem('data.put', 'if-unmodified-since')?.code).toBe('invalid_request');
    expect(problem('data.put', 'if-match')).toBeNull();
    expect(problem('data.get', 'if-match')).toBeNull();
  });

  const put = (condition: Record<string, string>, query: string | null = null) =>
    readInput('data.put', {
      rest: 'k',
      query,
      header: (name) => condition[name] ?? null,
      body: '{"value":1}',
    });

  test('is read from its headers', () => {
    expect(put({ 'if-match': '"a", "b"' })).toMatchObject({ ok: true, output: { ifMatch: '"a", "b"' } });
    expect(put({ 'if-match': '*' })).toMatchObject({ ok: true, output: { ifMatch: '*' } });
    expect(put({ 'if-none-match': '*' }, 'consistency=all')).toMatchObject({
      ok: true,
      output: { ifNoneMatch: '*' },
    });
  });

  test.each([
    ['a tag without quotes', { 'if-match': 'abc' }, null],
    ['a weak tag, which never matches a write', { 'if-match': 'W/"abc"' }, null],
    ['a tag and a star', { 'if-match': '"a", *' }, null],
    ['nothing', { 'if-match': '' }, null],
    ['a tag that must not be there', { 'if-none-match': '"a"' }, null],
    ['both', { 'if-match': '"a"', 'if-none-match': '*' }, null],
    ['level one', { 'if-match': '"a"' }, 'consistency=one'],
    ['a count', { 'if-match': '"a"' }, 'w=2'],
  ])('of %s is refused', (_, condition, query) => {
    expect(put(condition, query)).toMatchObject({ ok: false, error: { code: 'invalid_request' } });
  });

  test('names a few tags of bounded length (apiLimits.conditionEtagsMax, apiLimits.conditionCharsMax)', () => {
    const tags = (count: number, length = 4) =>
      put({ 'if-match': Array.from({ length: count }, () => `"${'x'.repeat(length)}"`).join(',') }).ok;
    const { conditionEtagsMax, conditionCharsMax } = apiLimits;
    expect([tags(conditionEtagsMax), tags(conditionEtagsMax + 1)]).toEqual([true, false]);
    expect([tags(1, conditionCharsMax - 2), tags(1, conditionCharsMax - 1)]).toEqual([true, false]);
  });
});
