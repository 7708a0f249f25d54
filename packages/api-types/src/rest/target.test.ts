import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyProblem } from '../fields.ts';
import { anyText } from '../text.arbitrary.ts';
import { keyOfPath, pathOfKey, percentDecode, splitTarget } from './target.ts';

describe('a target', () => {
  test.each([
    ['/a/b?c=d', '/a/b', 'c=d'],
    ['/a', '/a', null],
    ['/a?', '/a', ''],
    ['/a?b?c', '/a', 'b?c'],
    ['http://host:1/a/b?c', '/a/b', 'c'],
    ['HTTPS://host', '/', null],
    ['http://host?x=1', '/', 'x=1'],
    ['*', '*', null],
  ])('%s is split', (target, path, query) => {
    expect(splitTarget(target)).toEqual({ path, query });
  });
});

describe('the key of a path', () => {
  test.each([
    ['a/b/c', 'a/b/c'],
    ['a%2Fb', 'a/b'],
    ['a%252Fb', 'a%2Fb'],
    ['..', '..'],
    ['../../etc/passwd', '../../etc/passwd'],
    ['%2e%2e/x', '../x'],
    ['a//b', 'a//b'],
    ['/', '/'],
    ['a+b', 'a+b'],
    ['a%20b', 'a b'],
    ['%F0%9F%90%A6', '🐦'],
    ['\u00f0\u009f\u0090\u00a6', '🐦'],
    ['__proto__', '__proto__'],
    ['cluster:test', 'cluster:test'],
    ['a%2Fhistory', 'a/history'],
    ['history', 'history'],
    ['%00', '\u0000'],
  ])('%s means %j', (rest, key) => {
    expect(keyOfPath(rest)).toEqual({ ok: true, output: key });
  });

  test.each(['', '%', '%zz', '%ff', '%c0%af', '%ed%a0%80', 'a/history', 'x'.repeat(1025)])(
    '%s is refused',
    (rest) => {
      const key = keyOfPath(rest);
      expect(key.ok ? null : key.error.code).toBe('invalid_key');
    },
  );

  test('composed and decomposed forms are different keys', () => {
    expect(keyOfPath('%C3%A9')).not.toEqual(keyOfPath('e%CC%81'));
  });

  test('every key survives the path made for it, and a URL parser on the way', () => {
    fc.assert(
      fc.property(anyText({ minLength: 1, maxLength: 300 }), (key) => {
        fc.pre(keyProblem(key) === null);
        const path = `/api/v1/data/${pathOfKey(key)}`;
        expect(keyOfPath(path.slice('/api/v1/data/'.length))).toEqual({ ok: true, output: key });
        fc.pre(key !== '.' && key !== '..');
        expect(new URL(path, 'http://node').pathname).toBe(path);
      }),
    );
  });
});

test('decoding never throws', () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      const decoded = percentDecode(text);
      expect(decoded === null || typeof decoded === 'string').toBe(true);
    }),
  );
});
