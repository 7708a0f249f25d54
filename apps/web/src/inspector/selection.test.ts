import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedSearch } from '../frame/use-url-state.ts';
import { parseSelection, type Selection, selectionText } from './selection.ts';

const selections: fc.Arbitrary<Selection> = fc.oneof(
  fc.record({ kind: fc.constant('node' as const), nodeId: fc.stringMatching(/^[a-z0-9._-]{1,64}$/) }),
  fc.record({ kind: fc.constant('vnode' as const), token: fc.integer({ min: 0, max: 65_535 }) }),
  fc.record({ kind: fc.constant('key' as const), key: fc.string({ minLength: 1, unit: 'grapheme' }) }),
);

describe('a selection', () => {
  it('survives the page address, whatever the key is', () => {
    fc.assert(
      fc.property(selections, (selection) => {
        const search = changedSearch('?a=1', { inspect: selectionText(selection) });
        expect(parseSelection(new URLSearchParams(search).get('inspect'))).toEqual(selection);
      }),
    );
  });

  it.each([null, '', 'node', 'node:', 'vnode:x', 'vnode:123456', 'planet:9'])('is none in %j', (text) => {
    expect(parseSelection(text)).toBeNull();
  });

  it('leaves the other parts of the address alone', () => {
    expect(changedSearch('?key=a%20b&inspect=node:x', { inspect: null })).toBe('?key=a+b');
    expect(changedSearch('?inspect=node:x', { inspect: null })).toBe('');
  });
});
