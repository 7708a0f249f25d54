import type { Mutation } from './mutation.ts';

/** Gossip that does not come to agree, and waits without an end. */
export const membershipMutations: readonly Mutation[] = [
  {
    name: 'suspicion-not-refuted',
    bug: 'a node that hears of its own suspicion says nothing (SWIM without incarnations: Das, Gupta, Motivala, DSN 2002, section 4.2)',
    patches: [
      {
        file: 'membership/own-state.ts',
        find: 'return this.#rise(theirs.incarnation);',
        replace: 'return theirs.incarnation < 0;',
      },
    ],
    expected: ['I17', 'I29', 'I18'],
  },
  {
    name: 'incarnation-not-raised-by-a-restart',
    bug: 'each life of a node begins at the same incarnation: the news of its death outlives its return',
    patches: [
      {
        file: 'membership/own-state.ts',
        find: 'const incarnation = bootCounter * incarnationsPerBoot;',
        replace: 'const incarnation = incarnationsPerBoot;',
      },
    ],
    expected: ['I18'],
  },
  {
    name: 'stronger-status-wins-whatever-its-incarnation',
    bug: 'an old rumour of death overrides a newer refutation',
    patches: [
      {
        file: 'membership/merge.ts',
        find: 'return theirs.incarnation > ours.incarnation ? incoming : known;',
        replace:
          'return theirs.incarnation > ours.incarnation || strength[incoming.status] > strength[known.status] ? incoming : known;',
      },
    ],
    expected: ['I18', 'I17'],
  },
  {
    name: 'id-yielded-to-hearsay',
    bug: 'a node that one member refuses leaves for good, though no other process holds its id: the member has believed a damaged claim',
    patches: [
      {
        file: 'membership/gate.ts',
        find: 'if (isHolder) this.#yieldTo(holder);',
        replace: 'if (isHolder || holder !== null) this.#yieldTo(holder);',
      },
    ],
    expected: ['I17'],
    scenario: {
      file: 'membership.test.ts',
      story: 'a damaged word about a member, heard before its own, makes it leave nobody',
    },
  },
  {
    name: 'requests-without-bound',
    bug: 'a coordinator takes in every request, however many wait: the queue without a bound',
    patches: [
      {
        file: 'coordinator/coordinator.ts',
        find: 'if (this.#waiting < this.#options.requestsInFlightMax) return null;',
        replace: 'if (this.#waiting >= 0) return null;',
      },
    ],
    expected: ['I24'],
  },
  {
    name: 'deadline-ignored',
    bug: 'a request waits for its replicas for ever',
    patches: [
      {
        file: 'coordinator/coordinator.ts',
        find: 'this.#slots.get(slot)?.running.expire(),',
        replace: 'undefined,',
      },
    ],
    expected: ['I24', 'I29'],
  },
  {
    name: 'call-numbers-begin-anew',
    bug: "a late answer to a node's last life is taken for the answer to a call of this one",
    patches: [
      {
        file: 'node/parts.ts',
        find: 'const firstCall = 1 + random.uint32() * callSpacing;',
        replace: 'const firstCall = 1 + Math.min(0, random.uint32()) * callSpacing;',
      },
    ],
    expected: ['I3', 'I16', 'I1', 'I5', 'I25'],
    scenario: {
      file: 'races.test.ts',
      story: 'an answer to the last life of a node is no answer to this one (1 asked before)',
    },
  },
];
