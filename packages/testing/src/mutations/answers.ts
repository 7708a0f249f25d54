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
    name: 'values-dropped-early',
    bug: 'a value is dropped for good half a minute before it has expired: the clocks of nodes differ by more than its grace',
    patches: [
      {
        file: 'node/parts.ts',
        find: '() => this.#wallMs - this.tuning.expiryGraceMs',
        replace: '() => this.#wallMs + 30_000',
      },
    ],
    expected: ['I35'],
  },
  {
    name: 'expired-values-stay',
    bug: 'the note of when a value expires is not written when it replaces another: it is never dropped',
    patches: [
      {
        file: 'replica/expiry.ts',
        find: 'if (expiresAt !== 0 && !expiresThen(before, expiresAt))',
        replace: 'if (expiresAt !== 0 && before.siblings.length === 0)',
      },
    ],
    expected: ['I35'],
  },
  {
    name: 'expired-value-hides-others',
    bug: 'what is left of an expired value is a delete of everything before it: values beside it are not found any more',
    patches: [
      {
        file: 'causality/dvv-set.ts',
        find: '{ ...sibling, value: null, scoped: true, expiresAt: 0 }',
        replace: '{ ...sibling, value: null, scoped: false, expiresAt: 0 }',
      },
    ],
    expected: ['I6'],
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
