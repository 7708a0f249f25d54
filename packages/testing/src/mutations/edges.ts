import type { Mutation } from './mutation.ts';

/** Bytes that are believed, and answers at the edge that are not what they say. */
export const edgeMutations: readonly Mutation[] = [
  {
    name: 'frame-checksum-not-checked',
    bug: 'a frame that was damaged on the way is taken for what its sender said (Amazon S3, 20 July 2008: one flipped bit in gossip)',
    patches: [
      {
        file: 'codec/frame.ts',
        find: 'if (new ByteReader(bytes, end).u32() !== crc32c(bytes, 0, end)) return null;',
        replace: '',
      },
    ],
    expected: ['I3', 'I5', 'I6', 'I7', 'I14', 'I16', 'I32', 'assert'],
  },
  {
    name: 'unknown-message-spoils-the-frame',
    bug: 'a message that only a newer release knows makes its whole frame unreadable: a cluster cannot be upgraded node by node',
    patches: [
      {
        file: 'codec/frame.ts',
        find: 'if (message !== null) messages.push(message);',
        replace: 'if (message === null) return null;\n    messages.push(message);',
      },
    ],
    expected: ['I29', 'I17', 'I11', 'I22'],
  },
  {
    name: 'context-of-another-key-taken',
    bug: 'a context is not bound to its key: one of another key covers writes that its client has never seen',
    patches: [
      {
        file: 'causality/context-token.ts',
        find: "if (!hasTag(bytes, end, ref, secret)) return 'wrong';",
        replace: '',
      },
    ],
    expected: ['I5'],
  },
  {
    name: 'expired-value-shown',
    bug: 'a value whose time has ended is read until something else is written',
    patches: [
      {
        file: 'causality/dvv-set.ts',
        find: 'return sibling.expiresAt !== 0 && sibling.expiresAt <= nowMs;',
        replace: 'return sibling.expiresAt < 0 && sibling.expiresAt <= nowMs;',
      },
    ],
    expected: ['I35'],
  },
  {
    name: 'list-of-what-answered',
    bug: 'a page of keys is made of the nodes that happened to answer: keys acknowledged at quorum are missing from it',
    patches: [
      {
        file: 'coordinator/listing.ts',
        find: 'if (!this.#complete()) return this.#fail();',
        replace: 'if (!this.#complete() && this.#pages.size === 0) return this.#fail();',
      },
    ],
    expected: ['I36'],
  },
  {
    name: 'damage-never-mended',
    bug: 'a damaged record is found out and left as it is: the next damage to another copy loses it',
    patches: [
      {
        file: 'node/wiring/coordination.ts',
        find: 'if (!isBlank(record)) parts.records.write(entry, record);',
        replace: 'if (!isBlank(record)) return;',
      },
    ],
    expected: ['I26', 'I11'],
  },
];
