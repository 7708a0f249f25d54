import type { Mutation } from './mutation.ts';

const scenarios = 'antientropy.test.ts';

/** Replicas that differ and do not find out, or find out and do nothing about it. */
export const antiEntropyMutations: readonly Mutation[] = [
  {
    name: 'replicas-never-compared',
    bug: 'a node never begins to compare: a record that one replica lacks stays missing until somebody reads it',
    patches: [
      {
        file: 'antientropy/anti-entropy.ts',
        find: 'if (peer === null || this.#host.leaves() === null) return;',
        replace: 'if (peer !== null || this.#host.leaves() === null) return;',
      },
    ],
    expected: ['I11'],
    scenario: { file: scenarios, story: 'a replica that lacks a record which nobody reads gets it' },
  },
  {
    name: 'tree-over-keys-only',
    bug: 'the hash of a record tells only which key it is: two replicas with different versions look equal',
    patches: [
      {
        file: 'antientropy/record-hash.ts',
        find: '  writeClock(writer, record.clock);\n  for (const { dot } of record.siblings) writeDot(writer, dot);',
        replace: '  writeClock(writer, []);\n  for (const { dot } of []) writeDot(writer, dot);',
      },
    ],
    expected: ['I11'],
    scenario: {
      file: scenarios,
      story: 'a delete that a replica lacks reaches it, and the value does not come back',
    },
  },
  {
    name: 'only-missing-keys-repaired',
    bug: 'of a bucket that differs only the keys that one side lacks are repaired: an old version stays old',
    patches: [
      {
        file: 'antientropy/exchange.ts',
        find: '.filter(({ ref, hash }) => hashes.get(ref.row) !== hash)',
        replace: '.filter(({ ref }) => !hashes.has(ref.row))',
      },
    ],
    expected: ['I11'],
    scenario: {
      file: scenarios,
      story: 'a delete that a replica lacks reaches it, and the value does not come back',
    },
  },
  {
    name: 'damage-met-by-the-audit-ignored',
    bug: 'the slow pass over the store says nothing of a row that fails its checksum: nobody mends it until it is read or compared',
    patches: [
      {
        file: 'antientropy/stored-record.ts',
        find: 'if (stored === null) records.damaged(row);',
        replace: '',
      },
    ],
    expected: ['I26'],
    scenario: {
      file: scenarios,
      story:
        'the pass over the store mends what it finds damaged, though no replica compares itself with another',
    },
  },
  {
    name: 'leaf-keeps-what-a-write-replaced',
    bug: 'a leaf takes the new record in and keeps the one before it: equal replicas look different',
    patches: [
      {
        file: 'antientropy/tree.ts',
        find: 'before.clock.length === 0 ? noHash : recordHash(ref, before)',
        replace: 'noHash',
      },
    ],
    expected: ['I40'],
  },
  {
    name: 'leaf-not-updated-when-a-record-goes',
    bug: 'a former owner drops a record, and its leaf still counts it',
    patches: [
      {
        file: 'replica/record-store.ts',
        find: '    this.#options.onChange?.(entry.ref, entry.record, emptyRecord);\n',
        replace: '',
      },
    ],
    expected: ['I40'],
  },
];
