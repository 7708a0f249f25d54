import { describe, expect, it } from 'vitest';
import type { ActorId, Hlc, NodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { compareUtf8 } from '../base/utf8.ts';
import { emptyRecord, writeSibling } from '../causality/dvv-set.ts';
import type { StoredRecord } from '../causality/record.ts';
import { encodeRecord } from '../codec/record.ts';
import type { PeerMessage } from '../node/messages.ts';
import { type KeyRef, keyRef } from '../ring/key.ts';
import { sipTagHex } from '../ring/siphash.ts';
import { MemoryRows } from '../storage/memory-rows.test-kit.ts';
import { type BucketStore, readBucket } from './bucket-page.ts';
import {
  DifferenceList,
  type DifferencePage,
  type DifferencesFound,
  type KeyDifference,
} from './difference-list.ts';
import { groupSize, Leaves } from './leaves.ts';
import { recordHash } from './record-hash.ts';

const peer = 'n2' as NodeId;
const ranges = [{ from: 0, to: 65_535 }];
const whole: DifferencePage = { range: ranges[0]!, after: '', limit: 100 };

function written(counter: number): StoredRecord {
  const dot = { actor: 'n1~1.0' as ActorId, counter };
  const rest = { hlc: 1 as Hlc, value: new Uint8Array(1), scoped: false, expiresAt: 0, request: '' };
  return writeSibling(emptyRecord, [], { dot, ...rest });
}

function side(held: ReadonlyMap<KeyRef, number>) {
  const rows = new MemoryRows();
  const leaves = new Leaves();
  for (const [ref, counter] of held) {
    rows.rows.set(ref.row, encodeRecord(written(counter)));
    leaves.toggle(ref.bucket, recordHash(ref, written(counter)), 1);
  }
  const store: BucketStore = { disk: rows.disk, inMemory: () => undefined, damaged: () => undefined };
  const counters = new Map([...held].map(([{ row }, counter]) => [row, counter]));
  const clockOf = ({ row }: KeyRef) => {
    const counter = counters.get(row);
    return counter === undefined ? null : written(counter).clock;
  };
  return { rows, leaves, store, clockOf };
}

/** Two nodes that hold these versions of keys, of which the first asks the second. */
function pair(mine: ReadonlyMap<KeyRef, number>, theirs: ReadonlyMap<KeyRef, number>) {
  const [here, there] = [side(mine), side(theirs)];
  let buckets = 0;
  const settle = () => {
    for (let i = 0; i < 2000; i++) for (const { rows } of [here, there]) rows.settle();
  };
  const answer = (message: PeerMessage, answered: (reply: PeerMessage | null) => void) => {
    if (message.kind === 'tree') {
      const { groups, root, rpc } = message;
      const same = sipTagHex(there.leaves.root(ranges)) === root;
      const parts = groups.map((group) => there.leaves.group(group, ranges));
      const leaves = new Uint8Array(parts.length * groupSize * 8);
      for (const [i, part] of parts.entries()) leaves.set(part, i * part.length);
      const hashes = groups.length > 0 ? leaves : same ? new Uint8Array(0) : there.leaves.groups(ranges);
      return answered({ kind: 'treeReply', rpc, epoch: 1, result: 'ok', hashes });
    }
    if (message.kind !== 'bucket') return answered(null);
    buckets++;
    const { rpc, bucket, after } = message;
    return readBucket(there.store, bucket, after, (page) =>
      answered({ kind: 'bucketReply', rpc, epoch: 1, result: 'ok', ...page }),
    );
  };
  const list = (page: DifferencePage): DifferencesFound => {
    let found: DifferencesFound | null = null;
    new DifferenceList(
      {
        store: here.store,
        leaves: () => here.leaves,
        ask: (_target, build, _withinMs, answered) => answer(build(1), answered),
        versions: ({ ref }, _shared, then) =>
          then({ here: here.clockOf(ref), there: there.clockOf(ref), same: false }),
      },
      { peer, epoch: 1, ranges },
      page,
      (given) => {
        found = given;
      },
    ).start();
    for (let i = 0; i < 400 && found === null; i++) settle();
    return found!;
  };
  return { list, asked: () => buckets };
}

/** Every page of a list, as one. */
function all(list: (page: DifferencePage) => DifferencesFound, limit: number): KeyDifference[] {
  const keys: KeyDifference[] = [];
  let after: string | null = '';
  while (after !== null) {
    const page = list({ ...whole, after, limit });
    if ('brokenOff' in page) throw new Error(page.brokenOff);
    expect(page.keys.length).toBeLessThanOrEqual(limit);
    keys.push(...page.keys);
    after = page.next;
  }
  return keys;
}

const refs = Array.from({ length: 12 }, (_, i) => keyRef('t', `k${i}`)).sort((a, b) =>
  compareUtf8(a.row, b.row),
);

describe('what two nodes hold differently', () => {
  it('is nothing where they hold the same', () => {
    const same = new Map(refs.map((ref) => [ref, 1]));
    const { list, asked } = pair(same, same);
    expect(list(whole)).toEqual({ sharedBuckets: 65_536, buckets: 0, keys: [], next: null });
    expect(asked()).toBe(0);
  });

  it.each([1, 2, 5, 100])('is each key once, with what both have seen, %i to a page', (limit) => {
    const mine = new Map(refs.slice(0, 9).map((ref, i) => [ref, i < 6 ? 1 : 2]));
    const theirs = new Map(refs.slice(3).map((ref) => [ref, 1]));
    const differing = [...refs.slice(0, 3), ...refs.slice(6)];
    const { list } = pair(mine, theirs);
    expect(all(list, limit)).toEqual(
      differing.map((ref) => ({
        ref,
        here: mine.has(ref) ? written(mine.get(ref)!).clock : null,
        there: theirs.has(ref) ? written(1).clock : null,
      })),
    );
  });

  it('is only what lies in the buckets asked for', () => {
    const { list } = pair(new Map(refs.map((ref) => [ref, 1])), new Map());
    const range = { from: refs[2]!.bucket, to: refs[4]!.bucket };
    const found = list({ ...whole, range });
    expect(found).toMatchObject({ sharedBuckets: range.to - range.from + 1, buckets: 3, next: null });
    expect('keys' in found && found.keys.map(({ ref }) => ref)).toEqual(refs.slice(2, 5));
  });

  it('is told from so many buckets to a page at most (limits.differingBucketsMax)', () => {
    const many = new Map<KeyRef, number>();
    const buckets = new Set<number>();
    for (let i = 0; buckets.size <= limits.differingBucketsMax; i++) {
      const ref = keyRef('t', `many ${i}`);
      if (!buckets.has(ref.bucket)) many.set(ref, 1);
      buckets.add(ref.bucket);
    }
    const { list, asked } = pair(many, new Map());
    const found = list({ ...whole, limit: 1000 });
    expect(asked()).toBe(limits.differingBucketsMax);
    expect('keys' in found && found.keys.length).toBe(limits.differingBucketsMax);
    expect(all(list, 1000)).toHaveLength(many.size);
  });
});
