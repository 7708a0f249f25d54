import type { Mutation } from './mutation.ts';

/** Versions that are merged, ordered or discarded wrongly. */
export const causalityMutations: readonly Mutation[] = [
  {
    name: 'merge-keeps-the-newest-only',
    bug: 'a merge keeps one sibling, the newest: last write wins (599 of 1841 acknowledged writes lost: Jepsen, "Riak", 2013)',
    patches: [
      {
        file: 'causality/dvv-set.ts',
        find: 'if (order === 0 || stays(candidate, order < 0 ? b : a)) {',
        replace: 'if (siblings.length === 0 && (order === 0 || stays(candidate, order < 0 ? b : a))) {',
      },
    ],
    expected: ['I1', 'I5', 'I11'],
  },
  {
    name: 'merge-is-a-union',
    bug: 'a merge keeps what the other side has superseded: overwritten values come back',
    patches: [
      {
        file: 'causality/dvv-set.ts',
        find: 'if (!covers(other.clock, sibling.dot)) return true;',
        replace: 'if (sibling.hlc > 0) return true;',
      },
    ],
    expected: ['I5', 'I8', 'I1'],
  },
  {
    name: 'merge-forgets-a-clock',
    bug: 'a merged record knows only what one side has seen: what the other has superseded can return',
    patches: [
      {
        file: 'causality/dvv-set.ts',
        find: 'return new HeldRecord(joinClocks(a.clock, b.clock), siblings);',
        replace: 'return new HeldRecord(a.clock, siblings);',
      },
    ],
    expected: ['I7', 'I5', 'I11', 'I1', 'assert'],
  },
  {
    name: 'delete-ignores-its-context',
    bug: 'a delete with a context leaves the values it names in place',
    patches: [
      {
        file: 'coordinator/write.ts',
        find: 'return this.request.context?.clock ?? joinClocks(this.#seen.clock, record.clock);',
        replace:
          "if (this.request.kind === 'delete' && this.request.context !== null) return emptyClock;\n    return this.request.context?.clock ?? joinClocks(this.#seen.clock, record.clock);",
      },
    ],
    expected: ['I5', 'I8'],
  },
  {
    name: 'context-covers-everything',
    bug: 'a put with a context replaces values its client has never seen: the lost update (Dynamo, SOSP 2007, section 4.4)',
    patches: [
      {
        file: 'coordinator/write.ts',
        find: 'return this.request.context?.clock ?? joinClocks(this.#seen.clock, record.clock);',
        replace: 'return joinClocks(this.#seen.clock, record.clock);',
      },
    ],
    expected: ['I5', 'I1'],
  },
  {
    name: 'one-version-vector-for-all-siblings',
    bug: 'a write with a context discards only what its own actor wrote: siblings pile up (sibling explosion in Riak before dotted version vectors)',
    patches: [
      {
        file: 'causality/dvv-set.ts',
        find: 'if (covers(covered, held.dot)) assert(',
        replace: 'if (held.dot.actor === dot.actor && covers(covered, held.dot)) assert(',
      },
    ],
    expected: ['I5', 'I8'],
  },
  {
    name: 'timestamp-from-the-own-clock-only',
    bug: 'a write takes its timestamp from its own clock, whatever it has seen: skewed clocks lose it (Kulkarni et al., OPODIS 2014)',
    patches: [
      {
        file: 'coordinator/write.ts',
        find: 'const above = Math.max(this.#seen.hlc, recordHlc(record), context?.hlc ?? 0) as Hlc;',
        replace: 'const above = Math.min(0, context?.hlc ?? 0) as Hlc;',
      },
    ],
    expected: ['assert', 'I16'],
  },
  {
    name: 'ties-are-one-write',
    bug: 'siblings with equal timestamps count as one (Cassandra mixed cells of writes whose timestamps tied: Jepsen, "Cassandra", 2013)',
    patches: [
      {
        file: 'codec/sibling-order.ts',
        find: 'if (a.dot.actor !== b.dot.actor) return a.dot.actor < b.dot.actor ? 1 : -1;',
        replace: 'if (a.dot.actor !== b.dot.actor) return 0;',
      },
    ],
    expected: ['I5', 'I1', 'I11', 'assert'],
  },
  {
    name: 'answer-covers-what-it-does-not-show',
    bug: "the context of a write's answer covers siblings its client was never shown: its next write discards them unread",
    patches: [
      {
        file: 'coordinator/visible.ts',
        find: 'if (alone) return contextOf(record);',
        replace: 'if (alone || record.siblings.length > 0) return contextOf(record);',
      },
    ],
    expected: ['I5', 'I1'],
  },
];
