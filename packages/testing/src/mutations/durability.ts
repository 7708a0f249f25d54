import type { Mutation } from './mutation.ts';

/** Promises made before the disk has kept them, and disks that are believed too much. */
export const durabilityMutations: readonly Mutation[] = [
  {
    name: 'ack-before-durable',
    bug: 'nothing waits for the disk: acknowledged writes are lost with the power (Jepsen, "NATS 2.12.1", 2025)',
    patches: [
      {
        file: 'storage/write-log.ts',
        find: 'if (seq <= this.#durableSeq) return then();',
        replace: 'if (seq >= 0) return then();',
      },
      // Without it the last rows would leave after the node has said that it is stopped.
      {
        file: 'node/parts.ts',
        find: 'this.log.whenDurable(this.log.lastSeq, () => {',
        replace: 'this.log.flush();\n    this.log.whenDurable(this.log.lastSeq, () => {',
      },
    ],
    expected: ['I25', 'I1', 'I16'],
  },
  {
    name: 'store-acked-before-durable',
    bug: 'a replica answers a store before its own disk has it: the quorum is durable only in part',
    patches: [
      {
        file: 'replica/replica.ts',
        find: "if (next !== own) this.#host.records.write(entry, next);\n    this.#host.records.whenDurable(entry, () => then('ok'));",
        replace: "if (next !== own) this.#host.records.write(entry, next);\n    then('ok');",
      },
    ],
    expected: ['I25', 'I1', 'I16'],
  },
  {
    name: 'own-store-counted-before-durable',
    bug: 'the coordinator counts itself towards W before its own disk has the write',
    patches: [
      {
        file: 'replica/replica.ts',
        find: 'this.#host.records.whenDurable(entry, durable);',
        replace: 'durable();',
      },
    ],
    expected: ['I25', 'I1', 'I16'],
  },
  {
    name: 'read-before-durable',
    bug: 'a replica answers reads from what a crash may still take away: the value was read, and then never existed',
    patches: [
      {
        file: 'replica/replica.ts',
        find: 'this.#host.records.whenDurable(entry, () => then(record));',
        replace: 'then(record);',
      },
    ],
    expected: ['I25', 'I16'],
  },
  {
    name: 'cache-forgets-unwritten-records',
    bug: 'a full cache drops records whose writes are on their way: the next read finds what the disk had before',
    patches: [
      {
        file: 'replica/record-store.ts',
        find: 'if (entry.seq > this.#log.durableSeq) continue;',
        replace: '',
      },
    ],
    expected: ['I7', 'I1', 'I5', 'I16', 'assert'],
  },
  {
    name: 'damaged-row-read-as-absent',
    bug: 'a record whose bytes fail their checksum is taken for one that was never written',
    patches: [
      {
        file: 'replica/record-store.ts',
        find: "if (row !== 'corrupt' && record !== null) {",
        replace: 'if (record !== null) {',
      },
    ],
    expected: ['I26', 'I5', 'I7', 'I1', 'I16'],
  },
  {
    name: 'actor-kept-after-a-crash',
    bug: 'a node that crashed goes on under its old actor from the last counter on its disk, and issues dots again (riak_kv#679)',
    patches: [
      {
        file: 'replica/minter.ts',
        find: 'const known = boot.trusted ? boot.state : null;',
        replace: 'const known = boot.state;',
      },
    ],
    expected: ['I6', 'I1', 'I16', 'assert'],
  },
  {
    name: 'counter-not-saved-at-a-clean-stop',
    bug: 'a clean stop leaves the counter of the last lease behind, and the next life issues its dots again (riak_kv#679)',
    patches: [
      {
        file: 'replica/minter.ts',
        find: '    this.#durableEnd = 0;\n    this.#stage();',
        replace: '    this.#durableEnd = 0;',
      },
    ],
    expected: ['I6', 'I5', 'I1', 'I16', 'assert'],
  },
  {
    name: 'restored-directory-goes-on-minting',
    bug: 'a directory that is an older copy of itself does not notice that others know more of its dots (riak_kv#679, backup restored)',
    patches: [
      {
        file: 'node/wiring/coordination.ts',
        find: 'if (Math.max(counterOf(seen, actor), counterOf(seen, agreedActor(actor))) > issued) {',
        replace: 'if (issued < 0) {',
      },
    ],
    expected: ['assert', 'I6'],
    scenario: {
      file: 'dots.test.ts',
      story:
        'a node whose whole volume went back in time learns of it from its own dots and mints none of them again',
    },
  },
  {
    name: 'recovery-reads-nothing-back',
    bug: 'a node that lost part of its history counts towards reads again without having asked the others for it',
    patches: [
      {
        file: 'node/ownership.ts',
        find: 'const plan = [...recoveryPlan(ring, self), ...transferPlan(ring, self)];',
        replace: 'const plan = recoveryPlan(ring, self).slice(0, 0);',
      },
    ],
    expected: ['I33', 'I16', 'I1', 'I22', 'I11'],
  },
  {
    name: 'recovering-node-counts-for-reads',
    bug: 'a node that knows of a hole in its history answers reads all the same',
    patches: [
      {
        file: 'replica/replica.ts',
        find: "if (this.#host.recovering()) return then('recovering');",
        replace: '',
      },
    ],
    expected: ['I33', 'I16', 'I1'],
  },
];
