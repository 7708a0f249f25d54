import type { Mutation } from './mutation.ts';

/** Answers that say something else than what is stored or was done. */
export const answerMutations: readonly Mutation[] = [
  {
    name: 'values-expire-early',
    bug: 'a value is hidden while it still has a minute to live, and the next writer discards it unseen',
    patches: [
      {
        file: 'causality/dvv-set.ts',
        find: 'return sibling.expiresAt !== 0 && sibling.expiresAt <= nowMs;',
        replace: 'return sibling.expiresAt !== 0 && sibling.expiresAt <= nowMs + 60_000;',
      },
    ],
    expected: ['I5'],
  },
  {
    name: 'list-ends-too-soon',
    bug: 'a page is said to be the last although nodes have more to tell: whoever follows pages never sees the other keys',
    patches: [
      {
        file: 'coordinator/listing.ts',
        find: 'const more = bound !== null || sorted.length > keys.length;',
        replace: 'const more = sorted.length > keys.length;',
      },
    ],
    expected: ['I36'],
  },
  {
    name: 'explain-blames-the-forwarder',
    bug: 'an explanation does not say that the request was passed on: its reader looks at the wrong node',
    patches: [
      {
        file: 'coordinator/forward.ts',
        find: '{ ...answer.explain, forwardedBy: this.#host.self, totalUs }',
        replace: '{ ...answer.explain, totalUs }',
      },
    ],
    expected: ['I37'],
  },
];
