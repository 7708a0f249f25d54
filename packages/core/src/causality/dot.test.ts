import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ActorId } from '../base/ids.ts';
import { formatDot, parseDot, sameDot } from './dot.ts';

test('a dot is read back from its text', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z0-9._~-]{1,40}$/),
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      (actor, counter) => {
        const dot = { actor: actor as ActorId, counter };
        expect(parseDot(formatDot(dot))).toEqual(dot);
        expect(sameDot(dot, { ...dot })).toBe(true);
        expect(sameDot(dot, { ...dot, counter: counter + 1 })).toBe(false);
      },
    ),
  );
});

test.each([
  '',
  ':',
  'a',
  'a:',
  ':1',
  'a:0',
  'a:01',
  'a:-1',
  'a:1.5',
  'a:1e3',
  'a:9007199254740992',
  'a:b:1',
  'a:1 ',
])('%j is no dot', (text) => {
  expect(parseDot(text)).toBeNull();
});
