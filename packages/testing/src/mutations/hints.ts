import type { Mutation } from './mutation.ts';

/** What is owed to a replica that missed a write, and forgotten. */
export const hintMutations: readonly Mutation[] = [
  {
    name: 'hint-removed-before-the-ack',
    bug: 'a hint is struck off when it is sent, not when its target has it on disk',
    patches: [
      {
        file: 'hints/delivery.ts',
        find: 'const times = this.#store.timesOwed(target, ref);',
        replace:
          'const times = this.#store.timesOwed(target, ref);\n    this.#store.remove(target, ref, times);',
      },
    ],
    expected: ['I23', 'I11'],
  },
  {
    name: 'hint-removed-after-a-refusal',
    bug: 'a target that refuses a hinted record counts as having it',
    patches: [
      {
        file: 'hints/delivery.ts',
        find: "then(reply.result === 'ok' ? 'done' : 'failed');",
        replace: "then('done');",
      },
    ],
    expected: ['I23', 'I11'],
  },
  {
    name: 'hints-in-memory-only',
    bug: 'hints are kept in memory only: a restart forgets who was owed what',
    patches: [
      {
        file: 'hints/hint-store.ts',
        find: 'this.#rows.stage(...hintRow(target, ref, nothing));',
        replace: '',
      },
    ],
    expected: ['I11', 'I23'],
  },
  {
    name: 'hints-over-the-bound-dropped',
    bug: 'over the bound hints are dropped and nothing is noted in their place',
    patches: [
      {
        file: 'hints/hint-store.ts',
        find: 'if (hints.size >= this.#perTargetMax) return this.oweAll(target);',
        replace: 'if (hints.size >= this.#perTargetMax) return;',
      },
    ],
    expected: ['I11', 'I23'],
  },
  {
    name: 'hints-without-bound',
    bug: 'hints for a dead target grow for as long as it is dead',
    patches: [
      {
        file: 'hints/hint-store.ts',
        find: 'if (hints.size >= this.#perTargetMax) return this.oweAll(target);',
        replace: '',
      },
    ],
    expected: ['I24'],
  },
  {
    name: 'write-on-its-way-not-noted',
    bug: 'a coordinator that crashes between its acknowledgement and its last replica leaves nobody who remembers that replica',
    patches: [
      {
        file: 'hints/unsettled-log.ts',
        find: 'this.#rows.stage(rowOf(dot, ref), nothing);',
        replace: '',
      },
    ],
    expected: ['I23', 'I11'],
  },
  {
    name: 'newer-miss-forgotten-with-an-older-hint',
    bug: 'a hint is struck off though its target has missed another write of the key since the record was sent',
    patches: [
      {
        file: 'hints/hint-store.ts',
        find: 'if (times === 0 || this.timesOwed(target, ref) !== times) return;',
        replace: 'if (times === 0) return;',
      },
    ],
    expected: ['I23', 'I11'],
  },
  {
    name: 'newcomers-owed-nothing',
    bug: 'hints do not follow the ring: a node that becomes a replica misses what only a former owner has',
    patches: [
      {
        file: 'hints/newcomers.ts',
        find: 'for (const node of newTo(ref.bucket)) this.#hints.add(node, ref);',
        replace: '',
      },
      // Since a former owner hands over what it drops, that alone would mend it.
      {
        file: 'transfer/cleaner.ts',
        find: 'handOver.run(ref, record, (held) => {',
        replace:
          '((_of: unknown, _it: unknown, then: (held: boolean) => void) => then(true))(ref, record, (held) => {',
      },
    ],
    expected: ['I11', 'I22', 'I1'],
    scenario: {
      file: 'growth.test.ts',
      story:
        'a write that only a former owner has reaches the newcomer that the others gave the key to without it',
    },
  },
  {
    name: 'everything-owed-but-what-is-on-its-way',
    bug: 'a replica that is owed everything is sent what a scan finds: a write still on its way to the disk is forgotten',
    patches: [
      {
        file: 'node/wiring/coordination.ts',
        find: 'parts.log.whenDurable(parts.log.lastSeq, () =>',
        replace: 'parts.log.whenDurable(0, () =>',
      },
    ],
    expected: ['I23', 'I11'],
    scenario: {
      file: 'hints.test.ts',
      story: 'a replica that is owed everything is sent what was still on its way to the disk',
    },
  },
];
