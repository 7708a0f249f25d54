import { readFileSync } from 'node:fs';
import { apiLimits, errorStatus } from '@starling/api-types';
import { limits } from '@starling/core';
import { describe, expect, test } from 'vitest';

/** The contract and the core keep lists of their own, because neither may import the other. Here they are held equal. */

test('every error code of the core has a status', () => {
  const source = readFileSync(new URL(import.meta.resolve('@starling/core/base/errors.ts')), 'utf8');
  const union = /export type ErrorCode =([^;]*);/.exec(source)?.[1] ?? '';
  const codes = [...union.matchAll(/'([a-z_]+)'/g)].map((match) => match[1] ?? '');
  expect(codes.length).toBeGreaterThan(10);
  expect(codes.filter((code) => !Object.hasOwn(errorStatus, code))).toEqual([]);
});

describe('bounds that both have', () => {
  const shared = Object.keys(apiLimits).filter((name) => Object.hasOwn(limits, name));

  test.each(shared)('%s is the same', (name) => {
    expect(Reflect.get(apiLimits, name)).toBe(Reflect.get(limits, name));
  });

  test('are those that matter (limits.requestDeadlineMs)', () => {
    expect(shared).toEqual(
      expect.arrayContaining([
        'keyBytesMax',
        'valueBytesMax',
        'contextCharsMax',
        'listPageKeysMax',
        'requestDeadlineMs',
      ]),
    );
  });
});
