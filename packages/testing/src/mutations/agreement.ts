import type { Mutation } from './mutation.ts';

/** Keys that are agreed on by Paxos, with plain writes among the conditional ones. */
export const agreementMutations: readonly Mutation[] = [
  {
    name: 'promised-takes-plain-writes',
    bug: 'a replica that has promised goes on storing plain writes, which no later round needs to find (rule 1 left out)',
    patches: [
      {
        file: 'replica/replica.ts',
        find: "if (own.vote !== null || incoming.vote !== null) return then('promised');",
        replace: "if (incoming.vote !== null) return then('promised');",
      },
      {
        file: 'replica/replica.ts',
        find: "else if (record.vote !== null) then('promised');",
        replace: '',
      },
    ],
    expected: ['I13', 'I1', 'I16', 'I25'],
    scenario: {
      file: 'agreement.test.ts',
      story: 'a plain write that meets a promise half way takes effect after the value that was agreed on',
    },
  },
  {
    name: 'round-ignores-what-was-accepted',
    bug: 'a round starts from the plain records although a value has been accepted (rule 2 left out)',
    patches: [
      {
        file: 'paxos/key-found.ts',
        find: 'value: isAccepted(best) ? withVote(best, null) : plain,',
        replace: 'value: plain,',
      },
    ],
    expected: ['I13', 'I1', 'I25', 'I16'],
  },
  {
    name: 'refused-write-proposed-twice',
    bug: 'a refused plain write is proposed even if the value found has it already, was read and was built upon (rule 3 left out)',
    patches: [
      {
        file: 'coordinator/agreed-write.ts',
        find: 'if (!covers(value.clock, refused.dot)) return this.#restate(value, refused);',
        replace: 'if (!this.#restated) return this.#restate(value, refused);',
      },
    ],
    expected: ['I13', 'I1'],
    scenario: {
      file: 'agreement.test.ts',
      story: 'a refused plain write that was built upon does not take effect again',
    },
  },
  {
    name: 'read-believes-what-was-accepted',
    bug: 'a read answers with a value that one replica has accepted, and that may never be chosen (rule 4 left out)',
    patches: [
      {
        file: 'coordinator/read.ts',
        find: 'if (!quorum.satisfied) return this.#settle();',
        replace: '',
      },
    ],
    expected: ['I13', 'I4', 'I16'],
  },
  {
    name: 'promise-before-disk',
    bug: 'a replica promises before its promise is on disk, and after a crash takes what it promised to refuse',
    patches: [
      {
        file: 'replica/key-voter.ts',
        find: 'this.#host.records.whenDurable(entry, () => ends.promised({ record, applied })),',
        replace: 'ends.promised({ record, applied }),',
      },
    ],
    expected: ['I14', 'I13'],
  },
  {
    name: 'accepted-before-disk',
    bug: 'a replica says that it accepted a value before that is on disk',
    patches: [
      {
        file: 'replica/key-voter.ts',
        find: "this.#host.records.whenDurable(entry, () => answer('ok', promisedBallot(next)));",
        replace: "answer('ok', promisedBallot(next));",
      },
    ],
    expected: ['I14', 'I13', 'I25'],
  },
  {
    name: 'old-majority-alone-agrees',
    bug: 'while an arc moves, a majority of its old replicas alone promises and accepts',
    patches: [
      {
        file: 'coordinator/agreement.ts',
        find: 'const { set, epoch } = placement();\n    const ballot',
        replace:
          'const { set: both, epoch } = placement();\n    const set = { current: both.current, pending: null };\n    const ballot',
      },
    ],
    expected: ['I25', 'I13', 'I1', 'I22'],
  },
  {
    name: 'ballots-used-again',
    bug: 'ballots carry the node without its life: after a restart one may be used for another value (rule 5 left out)',
    patches: [
      {
        file: 'coordinator/agreement.ts',
        find: 'const ballot: Ballot = { round: ++this.#highest, actor: this.#host.ballotActor() };',
        replace:
          'const ballot: Ballot = { round: 1 + (this.#attempts % 7), actor: this.#host.self as never };',
      },
    ],
    expected: ['I14', 'I13', 'I1', 'I29', 'I25'],
  },
  {
    name: 'votes-stay-behind',
    bug: 'a node that takes over or recovers an arc gets the values without their ballots',
    patches: [
      {
        file: 'codec/record.ts',
        find: 'const vote = format === votedFormat ? readVote(reader) : null;',
        replace: 'const vote = null; if (format === votedFormat) readVote(reader);',
      },
    ],
    expected: ['I14', 'I13', 'I1', 'I11', 'I25'],
  },
  {
    name: 'failed-write-agreed-on',
    bug: 'a write whose client was told that it failed meets a late refusal, and is agreed on after all',
    patches: [
      {
        file: 'coordinator/write.ts',
        find: 'if (refused === null && this.answered) return this.finish();',
        replace: '',
      },
    ],
    expected: ['I13', 'I4'],
    scenario: {
      file: 'agreement.test.ts',
      story: 'a write that was reported as failed is not agreed on when a late refusal names a promise',
    },
  },
  {
    name: 'retry-given-anothers-tag',
    bug: 'a retry whose first attempt was replaced since is given the entity tag of the newer value, and replaces that unseen',
    patches: [
      {
        file: 'coordinator/visible.ts',
        find: 'if (newest !== undefined && sameDot(newest.dot, dot)) return etagOf(ref, record);',
        replace: 'if (newest !== undefined) return etagOf(ref, record);',
      },
    ],
    expected: ['I13'],
  },
];
