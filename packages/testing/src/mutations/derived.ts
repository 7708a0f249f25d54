import type { Mutation } from './mutation.ts';

/** Rows derived from records that no longer say what the records do. */
export const derivedMutations: readonly Mutation[] = [
  {
    name: 'listing-and-counts-believed-after-a-loss',
    bug: 'a node that lost part of its history reads its records back, and believes what it lists and counts of them',
    patches: [
      {
        file: 'node/ownership.ts',
        find: 'this.#stopReindex = this.#host.reindex(() => this.#recovered(ring, done));',
        replace: 'this.#recovered(ring, done);',
      },
    ],
    expected: ['I38', 'I36'],
    scenario: {
      file: 'recovery.test.ts',
      story: 'a node that dies while it makes its listing anew makes it anew in its next life',
    },
  },
  {
    name: 'counts-not-stored-when-a-record-goes',
    bug: 'a former owner drops a record and does not store the counts that are true without it: the next life counts it again',
    patches: [
      {
        file: 'replica/record-store.ts',
        find: 'this.#resize(entry, 0);\n    this.#options.onCounted?.();',
        replace: 'this.#resize(entry, 0);',
      },
    ],
    expected: ['I38'],
  },
];
