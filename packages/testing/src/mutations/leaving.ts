import type { Mutation } from './mutation.ts';

/** Members that leave, and changes of the ring that are paused, aborted and queued. */
export const leavingMutations: readonly Mutation[] = [
  {
    name: 'change-done-before-its-takers-are',
    bug: 'a change is made to be in force when its first heir is ready, not when all are: the others own what they do not hold',
    patches: [
      {
        file: 'ring/ring-progress.ts',
        find: 'return this.awaited.length === 0 ? planDone(ring.doc) : null;',
        replace: 'return this.#ready.size > 0 ? planDone(ring.doc) : null;',
      },
    ],
    expected: ['I22', 'I16', 'I1', 'I11'],
    scenario: {
      file: 'shrinking.test.ts',
      story: 'a drain does not end before every heir has what it takes over',
    },
  },
  {
    name: 'drained-node-asks-to-be-let-in-again',
    bug: 'a node that has left does not remember it, and joins again as soon as the ring does not list it',
    patches: [
      {
        file: 'ring/ring-change.ts',
        find: 'rows.push([departedRow, this.#departed ? departedMark : null]);',
        replace: 'this.#departed = false;',
      },
    ],
    expected: ['I19', 'I29', 'I11'],
    scenario: {
      file: 'shrinking.test.ts',
      story: 'a node that has left stays out when it starts again, and comes back when it is told to',
    },
  },
  {
    name: 'drained-node-drops-all-at-once',
    bug: 'a node that has left deletes what it holds without showing it to the new owners: a write of the weakest level is gone',
    patches: [
      {
        file: 'transfer/cleaner.ts',
        find: 'if (this.#host.owed(ref) || !handOver.possible(ref)) return then(false);',
        replace: '',
      },
      {
        file: 'transfer/cleaner.ts',
        find: 'handOver.run(ref, record, (held) => {',
        replace:
          '((_ref: KeyRef, _record: unknown, after: (held: boolean) => void) => after(true))(ref, record, (held) => {',
      },
    ],
    expected: ['I22', 'I1', 'I11'],
    scenario: {
      file: 'shrinking.test.ts',
      story:
        'a write of the weakest level that only the leaving node has is with the others before it holds nothing',
    },
  },
  {
    name: 'paused-change-goes-on-moving',
    bug: 'a paused operation moves data all the same',
    patches: [
      {
        file: 'transfer/puller.ts',
        find: 'if (this.#held !== null) return void this.#held.set(stream, streams);',
        replace: '',
      },
      {
        file: 'ring/plan.ts',
        find: "const running = doc.operations.some(({ id, state }) => id === doc.change?.operation && state === 'running');",
        replace: 'const running = doc.change !== null;',
      },
      {
        file: 'ring/ring-law.ts',
        find: "return 'what is paused does not end by itself';",
        replace: 'return null;',
      },
    ],
    expected: ['I22'],
    scenario: {
      file: 'shrinking.test.ts',
      story: 'a drain that is paused moves nothing more, and goes on where it stood',
    },
  },
  {
    name: 'leavers-arcs-fall-where-they-may',
    bug: 'what a leaving node owned falls to whoever comes next, and nobody evens out what that makes of the shares',
    patches: [
      {
        file: 'ring/even-out.ts',
        find: 'for (const border of borders) moved += balance(border, owned, staying);',
        replace: 'for (const border of borders) moved += 0 * border.gap;',
      },
      { file: 'ring/even-out.ts', find: '  resettle(tokens, owned, orphaned, staying);', replace: '' },
    ],
    expected: ['I21'],
  },
  {
    name: 'holders-take-what-they-hold',
    bug: 'every new replica of an arc takes it over, also one that has it already: more moves than the plan says',
    patches: [
      {
        file: 'transfer/plan.ts',
        find: 'if (!mustTake(set, self)) return;',
        replace: 'if (set.pending === null || !set.pending.includes(self)) return;',
      },
    ],
    expected: ['I42'],
  },
  {
    name: 'living-member-removed',
    bug: 'a member that is alive is removed as if it were dead, without having been asked to hand anything over',
    patches: [
      {
        file: 'ring/ring-progress.ts',
        find: "return this.#isAlive(aim.nodeId) ? 'nodeAlive' : null;",
        replace: 'return null;',
      },
    ],
    expected: ['I22'],
    scenario: {
      file: 'reshaping.test.ts',
      story: 'a node that is dead for good is removed, and every key has three replicas again',
    },
  },
  {
    name: 'heir-takes-nothing-over',
    bug: 'a node that takes the place of another is counted on without having taken the arcs over',
    patches: [
      {
        file: 'ring/takers.ts',
        find: 'return isNew || pending.length < current.length || !newcomersAreEnough(current, pending);',
        replace: 'return current.length < 0;',
      },
    ],
    expected: ['I22', 'I16', 'I1', 'I11'],
    scenario: {
      file: 'reshaping.test.ts',
      story: 'a node that has left takes the place of a dead one, with all its tokens',
    },
  },
  {
    name: 'fewer-replicas-without-copying',
    bug: 'when N shrinks by two the replicas that stay are believed to have every write, which a majority of the old ones had',
    patches: [
      {
        file: 'ring/takers.ts',
        find: 'return isNew || pending.length < current.length || !newcomersAreEnough(current, pending);',
        replace: 'return isNew;',
      },
    ],
    expected: ['I16', 'I1', 'I22'],
    scenario: {
      file: 'reshaping.test.ts',
      story: 'a write that two of five replicas have missed is read when N is three',
    },
  },
  {
    name: 'smaller-set-trusts-a-recovering-replica',
    bug: 'a replica set becomes smaller while one of those that stay has lost what it had, and the one that had it too goes',
    patches: [
      {
        file: 'ring/takers.ts',
        find: 'return isNew || pending.length < current.length',
        replace: 'return isNew || pending.length < 0',
      },
    ],
    expected: ['I33', 'I16', 'I1', 'I22', 'I5'],
    scenario: {
      file: 'shrinking.test.ts',
      story: 'a drain that leaves two of three waits for the one that has lost its history',
    },
  },
  {
    name: 'lost-tokens-go-to-whoever-is-next',
    bug: 'a member that becomes lighter leaves its arcs to chance',
    patches: [
      {
        file: 'ring/even-out.ts',
        find: '  resettle(tokens, owned, orphaned, staying);',
        replace: '',
      },
    ],
    expected: ['I21'],
  },
];
