import { describe, expect, it } from 'vitest';
import type { ActorId, Hlc, NodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { Timers } from '../base/timers.ts';
import { emptyRecord, writeSibling } from '../causality/dvv-set.ts';
import { encodeRecord } from '../codec/record.ts';
import type { BucketReply, PeerMessage, TreeReply } from '../node/messages.ts';
import { type KeyRef, keyRef } from '../ring/key.ts';
import type { Disk, ScanRange } from '../storage/disk.ts';
import { MemoryRows } from '../storage/memory-rows.test-kit.ts';
import type { Difference } from './bucket-listing.ts';
import { readBucket } from './bucket-page.ts';
import { Exchange, type ExchangeEnd, type RepairAim } from './exchange.ts';
import { groupCount, groupSize, Leaves } from './leaves.ts';
import { recordHash } from './record-hash.ts';
import { RepairBudget, type RepairPace } from './repair-budget.ts';

const peer = 'n2' as NodeId;
const ranges = [{ from: 0, to: 65_535 }];
const pauseMs = 100;
const bothWays: RepairAim = { pull: true, push: true, dryRun: false };
const ref = keyRef('t', 'k');
const record = writeSibling(emptyRecord, [], {
  dot: { actor: 'n1~1.0' as ActorId, counter: 1 },
  hlc: 1 as Hlc,
  value: new Uint8Array(1),
  scoped: false,
  expiresAt: 0,
  request: '',
});

/** An exchange of a node that holds `held`, whose peer answers as `answer` says. */
function exchange(
  held: readonly KeyRef[],
  answer: (message: PeerMessage) => PeerMessage | 'later' | null,
  aim: RepairAim = bothWays,
  pace: () => RepairPace = () => new RepairBudget().pace(0),
) {
  const timers = new Timers();
  const rows = new MemoryRows();
  const leaves = new Leaves();
  for (const one of held) {
    rows.rows.set(one.row, encodeRecord(record));
    leaves.toggle(one.bucket, recordHash(one, record));
  }
  const asked: PeerMessage[] = [];
  const repairs: { readonly difference: Difference; readonly done: () => void }[] = [];
  const ends: ExchangeEnd[] = [];
  const started = new Exchange(
    {
      timers,
      store: { disk: rows.disk, inMemory: () => undefined, damaged: () => undefined },
      leaves: () => leaves,
      pace: () => pace(),
      ask: (_target, build, _withinMs, answered) => {
        const message = build(asked.length);
        asked.push(message);
        const said = answer(message);
        if (said !== 'later') answered(said);
      },
      repair: (difference, _shared, given, done) => {
        expect(given).toEqual(aim);
        repairs.push({ difference, done: () => done({ pulled: difference.peerHolds, pushed: true }) });
      },
    },
    { peer, epoch: 1, ranges },
    aim,
    pauseMs,
    (end) => ends.push(end),
  );
  started.start();
  const run = (forMs: number) => {
    timers.advance(timers.now + forMs);
    timers.runDue();
    rows.settle();
  };
  return { asked, repairs, ends, leaves, run, progress: started.progress };
}

const treeReply = (hashes: Uint8Array): TreeReply => ({
  kind: 'treeReply',
  rpc: 0,
  epoch: 1,
  result: 'ok',
  hashes,
});
const bucketReply = (records: BucketReply['records'], next: string | null = null): BucketReply => ({
  kind: 'bucketReply',
  rpc: 0,
  epoch: 1,
  result: 'ok',
  records,
  next,
});

/** A peer that holds nothing, or says that in every bucket it holds something else. */
function empty(message: PeerMessage): PeerMessage | null {
  if (message.kind === 'tree')
    return treeReply(
      new Uint8Array(8 * (message.groups.length === 0 ? groupCount : message.groups.length * groupSize)),
    );
  return message.kind === 'bucket' ? bucketReply([]) : null;
}

function different(message: PeerMessage): PeerMessage | null {
  const reply = empty(message);
  if (reply?.kind === 'treeReply') reply.hashes.fill(7);
  return reply;
}

describe('an exchange', () => {
  it('ends at once between equals', () => {
    const { asked, ends, leaves } = exchange([ref], () => treeReply(new Uint8Array(0)));
    expect(asked).toMatchObject([{ kind: 'tree', groups: [] }]);
    expect(leaves.root(ranges)).toEqual(recordHash(ref, record));
    expect(ends).toEqual([{ end: 'equal', root: leaves.root(ranges) }]);
  });

  it('finds the one key that differs in three calls, and names what the peer lacks as such', () => {
    const { asked, repairs, ends, run, progress } = exchange([ref], empty);
    run(pauseMs - 1);
    expect(asked.map(({ kind }) => kind)).toEqual(['tree', 'tree']);
    run(1);
    expect(asked).toMatchObject([
      { groups: [] },
      { groups: [Math.floor(ref.bucket / groupSize)] },
      { kind: 'bucket', bucket: ref.bucket, after: '' },
    ]);
    expect(repairs.map(({ difference }) => difference)).toEqual([{ ref, peerHolds: false }]);
    expect(ends).toEqual([]);
    repairs[0]!.done();
    expect(ends).toEqual([{ end: 'repaired', differing: new Set([Math.floor(ref.bucket / groupSize)]) }]);
    expect(progress).toEqual({ buckets: 1, bucketsDone: 1, keys: 1, pulled: 0, pushed: 1 });
  });

  it('repairs what the peer holds otherwise and what only the peer holds', () => {
    const other = keyRef('t', 'theirs');
    const held = [
      { ref, hash: '0000000000000001' },
      { ref: other, hash: '0000000000000002' },
    ];
    const { repairs, run } = exchange([ref], (message) =>
      message.kind === 'bucket' ? bucketReply(held) : empty(message),
    );
    run(pauseMs);
    expect(repairs.map(({ difference }) => difference)).toEqual([
      { ref, peerHolds: true },
      { ref: other, peerHolds: true },
    ]);
  });

  it('leaves what lies beyond the end of a page to the next', () => {
    const pages = [bucketReply([], 'd/'), bucketReply([])];
    const { asked, repairs, run } = exchange([ref], (message) =>
      message.kind === 'bucket' ? pages.shift()! : empty(message),
    );
    run(pauseMs);
    run(0);
    expect(asked.slice(2)).toMatchObject([{ after: '' }, { after: 'd/' }]);
    expect(repairs.map(({ difference }) => difference.ref)).toEqual([ref]);
  });

  it.each([
    ['silent', null],
    ['confused', treeReply(new Uint8Array(8))],
    ['recovering', { ...treeReply(new Uint8Array(0)), result: 'recovering' as const }],
  ])('is broken off once by a peer that is %s, and says so', (reason, reply) => {
    expect(exchange([ref], () => reply).ends).toEqual([{ end: 'brokenOff', reason }]);
    const later = exchange([ref], (message) => (message.kind === 'bucket' ? reply : different(message)));
    later.run(pauseMs);
    expect(later.ends).toHaveLength(1);
  });

  it('compares so many buckets at a time and no more (limits.bucketsInFlightMax)', () => {
    const { asked, run } = exchange([], (message) =>
      message.kind === 'bucket' ? 'later' : different(message),
    );
    run(pauseMs);
    const pages = asked.filter(({ kind }) => kind === 'bucket');
    expect(pages).toHaveLength(limits.bucketsInFlightMax);
  });

  it('begins with one bucket after the other, a pause between, where its pace says so', () => {
    const slow = { bucketsAtOnce: 2, repairsAtOnce: 1, pauseMs: 50 };
    const { asked, run } = exchange([], different, bothWays, () => slow);
    const pages = () => asked.filter(({ kind }) => kind === 'bucket').length;
    run(pauseMs);
    expect(pages()).toBe(1);
    run(49);
    expect(pages()).toBe(1);
    for (let i = 2; i < 6; i++) {
      run(1);
      expect(pages()).toBe(i);
      run(49);
      expect(pages()).toBe(i);
    }
  });

  it('goes through every bucket that differs', () => {
    const { run, ends, progress } = exchange([], different);
    run(pauseMs);
    while (ends.length === 0) run(0);
    expect(progress).toMatchObject({ buckets: groupCount * groupSize, bucketsDone: groupCount * groupSize });
  });

  it('asks for the leaves of so many groups at a time (limits.treeGroupsMax)', () => {
    const { asked } = exchange([], different);
    const groups = asked.slice(1).map((message) => (message.kind === 'tree' ? message.groups.length : 0));
    expect(groups).toEqual(
      Array.from({ length: groupCount / limits.treeGroupsMax }, () => limits.treeGroupsMax),
    );
  });

  it('has so many repairs under way and no more (limits.repairsInFlightMax)', () => {
    const theirs = Array.from({ length: limits.repairsInFlightMax + 1 }, (_, i) => ({
      ref: keyRef('t', `k${i}`),
      hash: '0000000000000001',
    }));
    const { repairs, run, ends, progress } = exchange([ref], (message) =>
      message.kind === 'bucket' ? bucketReply(theirs) : empty(message),
    );
    run(pauseMs);
    expect(repairs).toHaveLength(limits.repairsInFlightMax);
    repairs[0]!.done();
    expect(repairs).toHaveLength(limits.repairsInFlightMax + 1);
    for (let i = 1; i < repairs.length; i++) repairs[i]!.done();
    expect(repairs).toHaveLength(theirs.length + 1);
    repairs.at(-1)!.done();
    expect(ends).toMatchObject([{ end: 'repaired' }]);
    expect(progress).toMatchObject({
      keys: theirs.length + 1,
      pulled: theirs.length,
      pushed: theirs.length + 1,
    });
  });
});

it('a page of a bucket names so many records and no more (limits.bucketPageRowsMax)', () => {
  const asked: ScanRange[] = [];
  const disk = {
    scan: (range: ScanRange, then: Parameters<Disk['scan']>[1]) => {
      asked.push(range);
      then({ rows: [[ref.row, encodeRecord(record)]], done: false });
    },
  } as Disk;
  const store = { disk, inMemory: () => undefined, damaged: () => undefined };
  readBucket(store, ref.bucket, '', (page) => expect(page.next).toBe(ref.row));
  expect(asked).toMatchObject([{ rowsMax: limits.bucketPageRowsMax }]);
});
