import type { Mutation } from './mutation.ts';

/** Who owns what: consensus, fences, joint quorums, placement. */
export const ringMutations: readonly Mutation[] = [
  {
    name: 'stale-epoch-accepted',
    bug: 'a replica serves requests of an older ring than its own: two sets of owners acknowledge at once',
    patches: [
      {
        file: 'replica/replica.ts',
        find: "if (epoch < ring.epoch) return 'staleEpoch';",
        replace: '',
      },
    ],
    expected: ['I20'],
  },
  {
    name: 'joint-quorum-without-the-joiner',
    bug: 'while an arc moves only its old replicas are asked: what is written meanwhile is not on the new ones (CASSANDRA-2434)',
    patches: [
      {
        file: 'coordinator/quorum.ts',
        find: "this.#pendingNeeded = pending === null || level === 'one' ? 0 : needed(level, pending.length);",
        replace: 'this.#pendingNeeded = 0;',
      },
    ],
    expected: ['I25', 'I16', 'I1'],
  },
  {
    name: 'joint-quorum-without-the-old-owners',
    bug: 'while an arc moves only its new replicas are asked, which do not hold it yet',
    patches: [
      {
        file: 'coordinator/quorum.ts',
        find: 'this.#currentNeeded = needed(level, current.length);',
        replace: 'this.#currentNeeded = pending === null ? needed(level, current.length) : 0;',
      },
    ],
    expected: ['I25', 'I16', 'I1'],
  },
  {
    name: 'majority-of-votes-not-needed',
    bug: 'one vote chooses a ring: two nodes that join at once come to own the same arcs in two rings of one epoch',
    patches: [
      {
        file: 'paxos/proposer.ts',
        find: 'return nodes.size > this.#voters.length / 2;',
        replace: 'return nodes.size >= 1;',
      },
    ],
    expected: ['I20', 'I14'],
  },
  {
    name: 'proposer-ignores-accepted-values',
    bug: 'a proposer puts its own value through though another may have been chosen (Lamport, "Paxos made simple", section 2.2)',
    patches: [
      {
        file: 'paxos/proposer.ts',
        find: 'if (this.#best !== null) this.#value = this.#best.value;',
        replace: '',
      },
    ],
    expected: ['I14', 'I20'],
  },
  {
    name: 'acceptor-forgets-its-promise',
    bug: 'an acceptor accepts what it has promised not to',
    patches: [
      {
        file: 'paxos/acceptor.ts',
        find: 'return compareBallots(ballot, state.promised) < 0\n    ? state',
        replace: 'return ballot.round < 0\n    ? state',
      },
    ],
    expected: ['I14', 'I20'],
  },
  {
    name: 'vote-told-before-durable',
    bug: 'a promise leaves before it is on disk: a crash lets the voter promise otherwise',
    patches: [
      {
        file: 'ring/ring-voter.ts',
        find: 'this.#host.persist([[voterRow, row]], () => this.#send(to, reply));',
        replace: 'this.#host.persist([[voterRow, row]], () => undefined);\n    this.#send(to, reply);',
      },
    ],
    expected: ['I14', 'I20'],
  },
  {
    name: 'tokens-placed-unevenly',
    bug: 'a joining node takes one bucket from each arc it splits, and ends up owning next to nothing (CASSANDRA-7032)',
    patches: [
      {
        file: 'ring/allocate.ts',
        find: 'const even = Math.round((this.#fair - this.#owned[this.#joiner]!) / left);',
        replace: 'const even = Math.min(1, left);',
      },
    ],
    expected: ['I21'],
  },
  {
    name: 'one-node-holds-two-replicas',
    bug: "a preference list counts a node's vnodes as so many nodes: one node holds several of a key's replicas",
    patches: [
      {
        file: 'ring/preference-list.ts',
        find: 'if (list[i] === node) return false;',
        replace: '',
      },
    ],
    expected: ['I20', 'I11', 'I25', 'I29'],
  },
  {
    name: 'former-replica-goes-on-minting',
    bug: 'a coordinator that a new ring has made no replica of the key writes to it all the same',
    patches: [
      {
        file: 'coordinator/operation.ts',
        find: 'if (this.movable && !this.set.current.includes(this.host.self)) {',
        replace: 'if (this.movable && this.epoch < 0) {',
      },
    ],
    expected: ['I20', 'I11', 'I22', 'I16', 'I1'],
  },
];
