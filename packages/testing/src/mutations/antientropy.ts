import type { Mutation } from './mutation.ts';

const scenarios = 'antientropy.test.ts';

/** Replicas that differ and do not find out, or find out and do nothing about it. */
export const antiEntropyMutations: readonly Mutation[] = [
  {
    name: 'replicas-never-compared',
    bug: 'a node never begins to compare: a record that one replica lacks stays missing until somebody reads it',
    patches: [
      {
        file: 'antientropy/anti-entropy.ts',
        find: 'if (leaves === null) return;',
        replace: 'if (leaves !== null) return;',
      },
    ],
    expected: ['I11'],
    scenario: { file: scenarios, story: 'a replica that lacks a record which nobody reads gets it' },
  },
  {
    name: 'tree-over-keys-only',
    bug: 'the hash of a record tells only which key it is: two replicas with different versions look equal',
    patches: [
      {
        file: 'antientropy/record-hash.ts',
        find: '  writeClock(writer, record.clock);\n  for (const { dot } of record.siblings) writeDot(writer, dot);',
        replace: '  writeClock(writer, []);\n  for (const { dot } of []) writeDot(writer, dot);',
      },
    ],
    expected: ['I11'],
    scenario: {
      file: scenarios,
      story: 'a delete that a replica lacks reaches it, and the value does not come back',
    },
  },
  {
    name: 'only-missing-keys-repaired',
    bug: 'of a bucket that differs only the keys that one side lacks are repaired: an old version stays old',
    patches: [
      {
        file: 'antientropy/bucket-listing.ts',
        find: '.filter(({ ref, hash }) => hashes.get(ref.row) !== hash)',
        replace: '.filter(({ ref }) => !hashes.has(ref.row))',
      },
    ],
    expected: ['I11'],
    scenario: {
      file: scenarios,
      story: 'a delete that a replica lacks reaches it, and the value does not come back',
    },
  },
  {
    name: 'damage-met-by-the-audit-ignored',
    bug: 'the slow pass over the store says nothing of a row that fails its checksum: nobody mends it until it is read or compared',
    patches: [
      {
        file: 'antientropy/stored-record.ts',
        find: 'if (stored === null) records.damaged(row);',
        replace: '',
      },
    ],
    expected: ['I26'],
    scenario: {
      file: scenarios,
      story:
        'the pass over the store mends what it finds damaged, though no replica compares itself with another',
    },
  },
  {
    name: 'leaf-keeps-what-a-write-replaced',
    bug: 'a leaf takes the new record in and keeps the one before it: equal replicas look different',
    patches: [
      {
        file: 'antientropy/tree.ts',
        find: 'wasThere ? recordHash(ref, before) : noHash',
        replace: 'noHash',
      },
    ],
    expected: ['I40'],
  },
  {
    name: 'leaf-not-updated-when-a-record-goes',
    bug: 'a former owner drops a record, and its leaf still counts it',
    patches: [
      {
        file: 'replica/record-store.ts',
        find: '    this.#options.onChange?.(entry.ref, entry.record, emptyRecord);\n',
        replace: '',
      },
    ],
    expected: ['I40'],
  },
  {
    name: 'equal-before-durable',
    bug: 'a node tells of a hash tree that is ahead of its disk: it is called equal for what a power cut takes from it',
    patches: [
      {
        file: 'antientropy/tree-server.ts',
        find: 'this.#host.whenDurable(() => this.#host.send(from, { ...reply, result, hashes }));',
        replace: 'this.#host.send(from, { ...reply, result, hashes });',
      },
    ],
    expected: ['I12'],
    scenario: { file: scenarios, story: 'nobody is called equal by what is not on its disk yet' },
  },
  {
    name: 'rest-through-changes',
    bug: 'a node that was found equal rests though it has changed since: what a replica has missed stays missing for minutes',
    patches: [
      {
        file: 'antientropy/proofs.ts',
        find: ' || !sameHash(last.root, root())',
        replace: '',
      },
    ],
    expected: ['I12'],
    scenario: {
      file: scenarios,
      story:
        'a node that has changed is compared at once, however long it has rested (limits.compareEveryMs)',
    },
  },
  {
    name: 'rest-never-earned',
    bug: 'replicas that are equal are compared as often as those that differ: a cluster at rest never goes quiet',
    patches: [
      {
        file: 'antientropy/proofs.ts',
        find: 'proven.last = { root, times, comparedAt: now };',
        replace: 'proven.last = null;',
      },
    ],
    expected: ['I12'],
    scenario: {
      file: scenarios,
      story:
        'equal replicas say so in one message, ever more seldom (limits.compareEqualMsMax), and do nothing else',
    },
  },
  {
    name: 'bucket-of-a-mended-record-not-read-again',
    bug: 'what a damaged record had added to its leaf is not known and stays in it when the record is mended',
    patches: [
      {
        file: 'antientropy/tree.ts',
        find: '    this.#doubted.add(ref.bucket);\n    this.#mendNext();\n  }\n\n  #mendNext',
        replace: '  }\n\n  #mendNext',
      },
    ],
    expected: ['I40', 'I12'],
  },
  {
    name: 'own-version-shown-twice',
    bug: 'who looks at what differs is shown this node’s own version as that of the peer',
    patches: [
      {
        file: 'node/wiring/antientropy.ts',
        find: 'there: seenBy(theirs)',
        replace: 'there: seenBy(ours)',
      },
    ],
    expected: ['I12'],
    scenario: {
      file: scenarios,
      story: 'what two nodes hold differently can be looked at: which key, and the versions of both',
    },
  },
  {
    name: 'dry-run-repairs',
    bug: 'a comparison that is only to count stores what it counts',
    patches: [
      {
        file: 'node/wiring/antientropy.ts',
        find: '    if (dryRun) return done({ pulled: lacks.here, pushed: lacks.there });\n',
        replace: '',
      },
    ],
    expected: ['I12'],
    scenario: {
      file: scenarios,
      story: 'a dry comparison counts what would go which way, and changes nothing',
    },
  },
  {
    name: 'repair-takes-what-clients-need',
    bug: 'repair goes as fast as it can, however much clients ask for: their p99 pays for it',
    patches: [
      {
        file: 'antientropy/repair-budget.ts',
        find: 'if (perSecond < calmPerSecond && inFlight < calmInFlight) return fullPace;',
        replace: 'if (perSecond + inFlight >= 0) return fullPace;',
      },
    ],
    expected: ['I12'],
    scenario: {
      file: scenarios,
      story: 'what clients ask for comes first: under load a node that is behind catches up bucket by bucket',
    },
  },
];
