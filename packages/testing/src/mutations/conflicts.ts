import type { Mutation } from './mutation.ts';

/** An index of open conflicts, and a log of what happened, that no longer say what is so. */
export const conflictMutations: readonly Mutation[] = [
  {
    name: 'settled-conflict-stays-listed',
    bug: 'a conflict goes on its list and never off it: the list grows for ever, and nobody looks at it any more',
    patches: [
      {
        file: 'replica/record-store.ts',
        find: 'if (entry.contested === contested) return;',
        replace: 'if (entry.contested || !contested) return;',
      },
    ],
    expected: ['I39'],
  },
  {
    name: 'conflict-with-a-delete-not-listed',
    bug: 'a value that a delete hides without having known of it is no conflict to the index: nobody is told that it is still there',
    patches: [
      {
        file: 'causality/dvv-set.ts',
        find: 'return rivals > 1 && values > 0;',
        replace: 'return rivals > 1 && values > 1;',
      },
    ],
    expected: ['I39'],
  },
  {
    name: 'events-numbered-by-the-clock-alone',
    bug: 'events are numbered by the wall clock: after it has gone back, whoever reads on behind the last event is told nothing more',
    patches: [
      {
        file: 'node/event-log.ts',
        find: 'Math.max(this.#last + 1, Math.floor(Math.max(0, fields.at) * perMs))',
        replace: 'Math.floor(Math.max(0, fields.at) * perMs)',
      },
    ],
    expected: [],
    scenario: {
      file: 'conflicts.test.ts',
      story: 'the log goes on behind itself when a node comes back with its clock set back',
    },
  },
  {
    name: 'clock-misses-first-writes',
    bug: "a node's clock rises with an actor's second write only: whoever wrote once was never heard of",
    patches: [
      {
        file: 'replica/node-clock.ts',
        find: 'const known = this.#highest.get(actor) ?? 0;',
        replace: 'const known = this.#highest.get(actor) ?? 1;',
      },
    ],
    expected: ['I41'],
  },
];
