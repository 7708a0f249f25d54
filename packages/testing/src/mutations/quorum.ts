import type { Mutation } from './mutation.ts';

/** Quorums that do not meet, and phases of the register that were thought dispensable. */
export const quorumMutations: readonly Mutation[] = [
  {
    name: 'ack-one-replica-early',
    bug: 'a quorum counts one answer less than it needs: acknowledged at W - 1',
    patches: [
      {
        file: 'coordinator/quorum.ts',
        find: 'this.#currentNeeded = needed(level, current.length);',
        replace: 'this.#currentNeeded = Math.max(1, needed(level, current.length) - 1);',
      },
    ],
    expected: ['I16', 'I1', 'I25'],
  },
  {
    name: 'majority-is-half',
    bug: 'half of an even number passes for a majority, so two quorums need not meet',
    patches: [
      {
        file: 'coordinator/quorum.ts',
        find: 'return Math.floor(size / 2) + 1;',
        replace: 'return Math.max(1, Math.ceil(size / 2));',
      },
    ],
    expected: ['I16', 'I1', 'I25'],
  },
  {
    name: 'write-acked-by-one',
    bug: 'a quorum write is acknowledged by the first replica that has it (a default of W = 1 under a promise of quorum)',
    patches: [
      {
        file: 'coordinator/write.ts',
        find: "      phase: 'store',\n      set: this.set,\n      level: request.level,",
        replace: "      phase: 'store',\n      set: this.set,\n      level: 'one',",
      },
    ],
    expected: ['I25', 'I16', 'I1'],
  },
  {
    name: 'errors-count-as-answers',
    bug: 'a replica that refuses counts towards the quorum as if it had done it',
    patches: [
      {
        file: 'coordinator/round.ts',
        find: "if (typed.result === 'ok') return this.#accepted(node, step, typed);",
        replace: "if (!typed.result.endsWith('Epoch')) return this.#accepted(node, step, typed);",
      },
    ],
    expected: ['I25', 'I23', 'I16', 'I1'],
  },
  {
    name: 'no-clock-round',
    bug: 'a write does not ask what was written before it: its timestamp may lose to that of an older write',
    patches: [
      {
        file: 'coordinator/write.ts',
        find: 'if (!isStrict(this.request.level, this.set.current.length)) return this.#mint();',
        replace: 'if (this.#clocks === null) return this.#mint();',
      },
    ],
    expected: ['I16'],
  },
  {
    name: 'no-write-back',
    bug: 'a read answers with a value that only a minority holds, and the next read may miss it (Attiya, Bar-Noy, Dolev 1995)',
    patches: [
      {
        file: 'coordinator/read.ts',
        find: 'if (isStrict(this.request.level, this.set.current.length)) return this.#startWriteBack(merged, lagging);',
        replace: '',
      },
    ],
    expected: ['I16'],
  },
  {
    name: 'timeout-reported-as-failure',
    bug: 'a write whose time ran out while replicas store it is answered as failed, and is read later',
    patches: [
      {
        file: 'coordinator/write.ts',
        find: "if (this.#stores !== null) this.failQuorum(this.#stores.quorum, 'store', 'unknown');",
        replace: "if (this.#stores !== null) this.failQuorum(this.#stores.quorum, 'store', 'failed');",
      },
    ],
    expected: ['I4', 'I16'],
  },
  {
    name: 'abandoned-quorum-reported-as-failure',
    bug: 'a write that too few replicas could store is answered as failed, though one has stored it (an un-acknowledged write turns up: Jepsen, "Riak", 2013)',
    patches: [
      {
        file: 'coordinator/write.ts',
        find: "impossible: () => this.failQuorum(round.quorum, 'store', 'unknown'),",
        replace: "impossible: () => this.failQuorum(round.quorum, 'store', 'failed'),",
      },
    ],
    expected: ['I4', 'I16'],
  },
  {
    name: 'retry-applied-again',
    bug: 'a retried request is not recognised: it writes its value a second time, over what came after the first',
    patches: [
      {
        file: 'coordinator/write.ts',
        find: 'if (this.#appliedAt !== null || this.#carries(record)) {',
        replace: 'if (this.#request.length < 0) {',
      },
    ],
    expected: ['I31'],
  },
];
