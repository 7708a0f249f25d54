import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyRef, keyRefFromHash, keyRefOfIndexRow, keyRefOfRow } from './key.ts';
import { conflictRow, indexRow } from './rows.ts';

const anyKey = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc.constantFrom('/', '//', 'd/', '..', '\n', ' ', '__proto__', 'a/b/c', 'é😀', '\u0000', '\uffff'),
);

test.each([
  ['default', 'cluster:test', 'bc94f88d2928e919'],
  ['a:b', 'c', '741a380a25f42031'],
  ['a', 'b:c', 'bf7d3a9a5aac6023'],
  ['default', 'é😀', '7179528fd529a85e'],
  ['default', 'a/b c..', 'c92042561d8d6a65'],
  ['default', 'x'.repeat(1024), 'b0a22690a7516906'],
])('the hash of (%s, %s) is that of the length-prefixed bytes', (table, key, hash) => {
  expect(keyRef(table, key)).toEqual({
    table,
    key,
    hash,
    bucket: Number.parseInt(hash.slice(0, 4), 16),
    row: `d/${hash}/${table}/${key}`,
  });
});

test('moving the border between table and key makes another key', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 2, maxLength: 20 }), fc.nat(), fc.nat(), (text, i, j) => {
      const [a, b] = [1 + (i % (text.length - 1)), 1 + (j % (text.length - 1))];
      const same =
        keyRef(text.slice(0, a), text.slice(a)).hash === keyRef(text.slice(0, b), text.slice(b)).hash;
      expect(same).toBe(a === b);
    }),
  );
});

test('a row names the key it was written for', () => {
  fc.assert(
    fc.property(fc.constantFrom('default', 'a', 't-1'), anyKey, (table, key) => {
      const ref = keyRef(table, key);
      expect(keyRefOfRow(ref.row)).toEqual(ref);
      expect(keyRefFromHash(table, key, ref.hash)).toEqual(ref);
    }),
  );
});

test.each(['', 'd/', 'd0', 'm/actor', 'd/bc94f88d2928e919/default/', 'd/bc94f88d2928e919//x', 'k/default/x'])(
  '%j is no data row',
  (row) => {
    expect(keyRefOfRow(row)).toBeNull();
  },
);

test('a row of the listing names the key it lists', () => {
  fc.assert(
    fc.property(fc.constantFrom('default', 'a', 't-1'), anyKey, (table, key) => {
      const ref = keyRef(table, key);
      expect(keyRefOfIndexRow(indexRow(ref))).toEqual(ref);
      expect(keyRefOfIndexRow(conflictRow(ref))).toEqual(ref);
    }),
  );
});

test.each(['', 'k/', 'k0', 'm/actor', 'k/default', 'k/default/', 'k//x', 'd/default/x'])(
  '%j is no row of the listing',
  (row) => {
    expect(keyRefOfIndexRow(row)).toBeNull();
  },
);

test('a row whose hash is not that of its key is refused', () => {
  const { row } = keyRef('default', 'a');
  expect(keyRefOfRow(`${row}b`)).toBeNull();
  expect(keyRefOfRow(row.replace(/^d\/./, row[2] === '0' ? 'd/1' : 'd/0'))).toBeNull();
});

test('a key at the length prefix’s end has a hash, one byte more is refused', () => {
  expect(keyRef('t', 'x'.repeat(0xffff)).hash).toMatch(/^[0-9a-f]{16}$/);
  expect(() => keyRef('t', 'x'.repeat(0x10000))).toThrow('length prefixes');
});

test('buckets are even: 65 536 keys, none of 64 slices more than a fifth off', () => {
  const slices = new Array<number>(64).fill(0);
  for (let i = 0; i < 65_536; i++) slices[keyRef('default', `user:${i}`).bucket >> 10]! += 1;
  for (const count of slices) expect(Math.abs(count - 1024)).toBeLessThan(205);
});
