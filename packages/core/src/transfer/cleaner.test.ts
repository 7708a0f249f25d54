import { describe, expect, it } from 'vitest';
import type { ActorId, Hlc, NodeId } from '../base/ids.ts';
import { Timers } from '../base/timers.ts';
import { emptyRecord, writeSibling } from '../causality/dvv-set.ts';
import type { StoredRecord } from '../causality/record.ts';
import { recordDigest } from '../codec/record.ts';
import type { PeerMessage, ReplicaResult } from '../node/messages.ts';
import { RecordStore } from '../replica/record-store.ts';
import { type KeyRef, keyRef } from '../ring/key.ts';
import { planDone, planFirst, planJoin } from '../ring/plan.ts';
import { Ring } from '../ring/ring.ts';
import { MemoryRows } from '../storage/memory-rows.test-kit.ts';
import { Cleaner } from './cleaner.ts';
import { HandOver } from './hand-over.ts';

const [self, other] = ['n1', 'n2'] as NodeId[] as [NodeId, NodeId];
const first = planFirst('0123456789abcdef', { nodeId: self, zone: 'z', weight: 1 }, 1);
const joining = planJoin(first, { nodeId: other, zone: 'z', weight: 1 })!;
const settled = new Ring(planDone(joining)!);
const keys = Array.from({ length: 40 }, (_, index) => keyRef('default', `k${index}`));
const own = keys.filter(({ bucket }) => settled.isReplica(self, bucket));
const foreign = keys.filter(({ bucket }) => !settled.isReplica(self, bucket));

const version: StoredRecord = writeSibling(emptyRecord, [], {
  dot: { actor: 'n1~1.0' as ActorId, counter: 1 },
  hlc: 1 as Hlc,
  value: new Uint8Array(1),
  scoped: false,
  expiresAt: 0,
  request: '',
});

function cleaning() {
  const rows = new MemoryRows();
  const timers = new Timers();
  const owed = new Set<string>();
  const freed = { count: 0 };
  const records = new RecordStore(rows.log, rows.disk, { cacheBytesMax: 0, onCorrupt: () => undefined });
  /** The one other replica: what it says of a record, and whether it takes one. */
  const peer = { reachable: true, silent: false, has: true, stores: 'ok' as ReplicaResult };
  const asked: PeerMessage['kind'][] = [];
  const answerOf = (message: PeerMessage): PeerMessage => {
    if (message.kind === 'store') return { kind: 'storeReply', rpc: 1, epoch: 3, result: peer.stores };
    const digest = recordDigest(peer.has ? version : emptyRecord);
    return { kind: 'readReply', rpc: 1, epoch: 3, result: 'ok', record: null, digest };
  };
  const handOver = new HandOver({
    epoch: () => 3,
    replicasOf: () => [other],
    isReachable: () => peer.reachable,
    ask: (_target, build, _withinMs, answered) => {
      const message = build(1);
      asked.push(message.kind);
      answered(peer.silent ? null : answerOf(message));
    },
  });
  const cleaner = new Cleaner({
    self,
    timers,
    log: rows.log,
    disk: rows.disk,
    records,
    handOver,
    owed: (ref) => owed.has(ref.row),
    freed: () => freed.count++,
  });
  const put = (ref: KeyRef) => records.withRecord(ref, (entry) => records.write(entry, version));
  const pass = (ms: number) => {
    for (let i = 0; i < ms; i += 10) {
      timers.advance(timers.now + 10);
      timers.runDue();
      rows.settle();
    }
  };
  const held = () => keys.filter(({ row }) => rows.rows.has(row));
  return { rows, owed, records, peer, asked, cleaner, put, pass, held };
}

/** One foreign record, on disk, under a ring that has given it away. */
function left() {
  const on = cleaning();
  on.put(foreign[0]!);
  on.rows.settle();
  return on;
}

describe('freeing what is no longer owned', () => {
  it('drops foreign records, and only those, once no change is in progress', () => {
    const { rows, cleaner, put, pass, held } = cleaning();
    for (const ref of keys) put(ref);
    rows.settle();
    cleaner.ringChanged(new Ring(joining));
    pass(1000);
    expect(held()).toEqual(keys);
    cleaner.ringChanged(settled);
    pass(1000);
    expect(held()).toEqual(own);
  });

  it('keeps what is owed until it is owed no more', () => {
    const { rows, owed, cleaner, put, pass, held } = cleaning();
    const [kept] = foreign;
    put(kept!);
    rows.settle();
    owed.add(kept!.row);
    cleaner.ringChanged(settled);
    pass(5000);
    expect(held()).toEqual([kept]);
    owed.clear();
    pass(5000);
    expect(held()).toEqual([]);
  });

  it('finds what was accepted under the ring before and is still on its way to the disk', () => {
    const { rows, cleaner, put, pass, held } = cleaning();
    put(foreign[0]!);
    rows.answerReads();
    cleaner.ringChanged(settled);
    for (let scans = 0; scans < 500; scans++) rows.answerReads();
    pass(1000);
    expect(held()).toEqual([]);
  });

  it('drops nothing for a ring that is replaced while the record is read', () => {
    const { rows, records, cleaner, put, pass, held } = cleaning();
    for (const ref of [...foreign, own[0]!]) put(ref);
    rows.settle();
    // Nothing is left in memory once something else is read.
    records.withRecord(own[1]!, () => undefined);
    rows.settle();
    const withRecord = records.withRecord.bind(records);
    records.withRecord = (ref, then) => {
      withRecord(ref, then);
      cleaner.ringChanged(new Ring(joining));
    };
    cleaner.ringChanged(settled);
    pass(1000);
    expect(held()).toHaveLength(foreign.length + 1);
  });

  it('drops a record that its owner has shown to hold, and sends it to one that has not', () => {
    const { asked, peer, cleaner, pass, held } = left();
    peer.has = false;
    cleaner.ringChanged(settled);
    pass(1000);
    expect([asked, held()]).toEqual([['read', 'store'], []]);
  });

  it('keeps a record that its owner does not take, and tries again', () => {
    const { peer, cleaner, pass, held } = left();
    Object.assign(peer, { has: false, stores: 'diskFull' });
    cleaner.ringChanged(settled);
    pass(5000);
    expect(held()).toEqual([foreign[0]]);
    peer.stores = 'ok';
    pass(5000);
    expect(held()).toEqual([]);
  });

  it('asks nobody while an owner cannot be reached', () => {
    const { asked, peer, cleaner, pass, held } = left();
    peer.reachable = false;
    cleaner.ringChanged(settled);
    pass(5000);
    expect([asked, held()]).toEqual([[], [foreign[0]]]);
    peer.reachable = true;
    pass(5000);
    expect(held()).toEqual([]);
  });

  it('takes silence for no, and asks again', () => {
    const { peer, cleaner, pass, held } = left();
    peer.silent = true;
    cleaner.ringChanged(settled);
    pass(5000);
    peer.silent = false;
    pass(10_000);
    expect(held()).toEqual([]);
  });
});
