import type { Mutation } from './mutation.ts';

/** Arcs that change hands and lose something on the way. */
export const transferMutations: readonly Mutation[] = [
  {
    name: 'joiner-ready-with-nothing',
    bug: 'a joining node is made normal before it has taken over what it is to hold',
    patches: [
      {
        file: 'node/ownership.ts',
        find: "this.#begin('join', ring, transferPlan(ring, this.#host.self), (done) => {",
        replace: "this.#begin('join', ring, transferPlan(ring, this.#host.self).slice(0, 0), (done) => {",
      },
    ],
    expected: ['I22', 'I16', 'I1', 'I11'],
  },
  {
    name: 'joiner-pulls-from-one-replica',
    bug: 'a joining node copies its arcs from one old replica, which may have missed acknowledged writes (CASSANDRA-2434)',
    patches: [
      {
        file: 'transfer/plan.ts',
        find: 'sources, needed: Math.floor(set.current.length / 2) + 1 - own });',
        replace: 'sources, needed: 1 });',
      },
    ],
    expected: ['I22', 'I16', 'I1'],
    scenario: {
      file: 'growth.test.ts',
      story: 'a joiner that has heard one old replica only, which may have missed writes, goes on joining',
    },
  },
  {
    name: 'arc-given-before-it-is-durable',
    bug: 'an arc is scanned while accepted writes are still on their way to the disk: they are not in the copy',
    patches: [
      {
        file: 'transfer/pull-server.ts',
        find: 'log.whenDurable(log.lastSeq, () => {',
        replace: 'log.whenDurable(0, () => {',
      },
    ],
    expected: ['I22', 'I16', 'I1'],
  },
  {
    name: 'page-with-a-hole-taken-for-whole',
    bug: 'a damaged row is left out of a page, and the arc counts as given',
    patches: [
      {
        file: 'transfer/pull-server.ts',
        find: "if (damaged) return this.#answer(from, call, 'corrupt', [], null);",
        replace: '',
      },
    ],
    expected: ['I22', 'I26'],
  },
  {
    name: 'old-owner-drops-before-the-new-is-normal',
    bug: 'an old owner deletes an arc when its move begins, not when it is done',
    patches: [
      {
        file: 'transfer/cleaner.ts',
        find: 'if (ring.changing !== null) return;',
        replace: '',
      },
      {
        file: 'transfer/cleaner.ts',
        find: 'for (const own of ring.bucketsOf(self)) {',
        replace:
          'const kept: BucketRange[] = [];\n  ring.eachArc((range, { current, pending }) => {\n    if ((pending ?? current).includes(self)) kept.push(range);\n  });\n  for (const own of kept) {',
      },
    ],
    expected: ['I22', 'I7', 'I16', 'I1', 'I11'],
  },
  {
    name: 'former-owner-drops-without-proof',
    bug: 'a former owner deletes its copy though it owes it to others, and without asking whether the new owners have it',
    patches: [
      {
        file: 'transfer/cleaner.ts',
        find: 'if (this.#host.owed(ref) || !handOver.possible(ref)) return then(false);',
        replace: '',
      },
      {
        file: 'transfer/cleaner.ts',
        find: 'if (record === null) return this.#remove(epoch, ref, then);',
        replace: 'if (record !== undefined) return this.#remove(epoch, ref, then);',
      },
    ],
    expected: ['I22', 'I11', 'I1'],
  },
  {
    name: 'recovery-asks-one-replica',
    bug: 'a node that lost part of its history reads it back from one replica, which may have missed acknowledged writes',
    patches: [
      {
        file: 'transfer/plan.ts',
        find: 'return Math.min(replicas - 1, replicas - writeQuorum + 1);',
        replace: 'return Math.min(replicas - 1, writeQuorum, 1);',
      },
    ],
    expected: ['I33', 'I16', 'I1'],
    scenario: {
      file: 'recovery.test.ts',
      story:
        'a node that lost its rows does not count again on the word of a replica that may have missed writes',
    },
  },
  {
    name: 'recovering-replica-vouches',
    bug: 'a joining node takes the word of a replica that has lost part of its history for a majority',
    patches: [
      {
        file: 'transfer/puller.ts',
        find: "if (reply.result === 'recovering') stream.doubtful = true;",
        replace: '',
      },
    ],
    expected: ['I22', 'I33', 'I16', 'I1'],
    scenario: {
      file: 'growth.test.ts',
      story: 'what a recovering replica gives a joiner is no proof that the joiner has every write',
    },
  },
  {
    name: 'wiped-directory-forgotten-by-a-crash',
    bug: 'a node whose directory is new knows it in its first life only: if that ends early, the next takes the place of a full replica with nothing',
    patches: [
      {
        file: 'node/wiring/ownership.ts',
        find: 'fresh || meta.has(emptyRow),',
        replace: 'fresh,',
      },
    ],
    expected: ['I33', 'I16', 'I1'],
    scenario: {
      file: 'dots.test.ts',
      story:
        'a wiped node that dies before it has heard of the ring knows in its next life that it has lost everything',
    },
  },
  {
    name: 'joiner-mends-from-nobody',
    bug: 'a joining node takes itself for a present replica when it counts whom it needs to mend a damaged record: of one present replica it needs none, and drops the record',
    patches: [
      {
        file: 'transfer/record-repair.ts',
        find: ': majorityOf(replicas.length);',
        replace: ': recoveryNeeded(replicas.length);',
      },
    ],
    expected: ['I22', 'I33', 'I16', 'I1'],
    scenario: {
      file: 'growth.test.ts',
      story:
        'a joiner whose record is damaged waits for the node it takes the key over from, and drops nothing',
    },
  },
];
