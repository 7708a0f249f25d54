import { describe, expect, test } from 'vitest';
import { readQuery } from './query.ts';

const known = { prefix: 'text', limit: 'integer', explain: 'flag' } as const;

describe('a query string', () => {
  test.each([
    [null, {}],
    ['', {}],
    ['prefix=', { prefix: '' }],
    ['prefix=a%2Fb+c', { prefix: 'a/b c' }],
    ['limit=10&explain=1', { limit: 10, explain: true }],
    ['explain=false', { explain: false }],
    ['limit=-1', { limit: -1 }],
  ])('%j is read', (query, fields) => {
    expect(readQuery(known, query)).toEqual({ ok: true, output: fields });
  });

  test.each([
    ['twice', 'limit=1&limit=1'],
    ['unknown', 'limitt=1'],
    ['an array', 'prefix[]=a'],
    ['a name of Object.prototype', 'toString=1'],
    ['hasOwnProperty', 'hasOwnProperty=1'],
    ['__proto__', '__proto__=1'],
    ['an integer with a unit', 'limit=10x'],
    ['an exponent', 'limit=1e0'],
    ['an empty integer', 'limit='],
    ['hexadecimal', 'limit=0x10'],
    ['a plus sign', 'limit=%2B1'],
    ['a leading zero', 'limit=01'],
    ['a fraction', 'limit=1.0'],
    ['a flag in capitals', 'explain=TRUE'],
    ['a broken escape', 'prefix=%zz'],
    ['bytes that are no UTF-8', 'prefix=%ff'],
    ['ten thousand parameters', 'x&'.repeat(10_000)],
  ])('%s is refused', (_, query) => {
    const read = readQuery(known, query);
    expect(read.ok ? null : read.error.code).toBe('invalid_request');
  });
});
