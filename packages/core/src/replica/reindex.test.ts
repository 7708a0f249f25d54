import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActorId, Hlc } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { emptyRecord, writeSibling } from '../causality/dvv-set.ts';
import type { StoredRecord } from '../causality/record.ts';
import { decodeRecord, encodeRecord } from '../codec/record.ts';
import { type KeyRef, keyRef, keyRefOfRow } from '../ring/key.ts';
import { conflictRow, expiryPrefix, indexRow } from '../ring/rows.ts';
import { MemoryRows } from '../storage/memory-rows.test-kit.ts';
import { Expiry } from './expiry.ts';
import { isListed, RecordStore } from './record-store.ts';
import { Reindex } from './reindex.ts';
import { RequestMemory } from './request-memory.ts';

const actor = 'n1~1.0' as ActorId;
const request = '00112233aabbccdd';
const refs = Array.from({ length: 12 }, (_, at) => keyRef('default', `k${at}`));
const nothing = new Uint8Array(0);

function version(counter: number, value: Uint8Array | null, before = emptyRecord, tag = ''): StoredRecord {
  const hlc = counter as Hlc;
  const sibling = { dot: { actor, counter }, hlc, value, scoped: false, expiresAt: 0, request: tag };
  return writeSibling(before, before.clock, sibling);
}

/** A replica's rows, and what they are to say once they have been made to. */
function replica(rows = new MemoryRows(), cacheBytesMax = 0) {
  const requests = new RequestMemory(rows.log, rows.disk, () => 0);
  const records = new RecordStore(rows.log, rows.disk, { cacheBytesMax, onCorrupt: () => undefined });
  const expiry = new Expiry(rows.log, rows.disk, records, () => 0);
  let counter = 1000;
  const put = (ref: KeyRef, value: Uint8Array | null) =>
    records.withRecord(ref, (entry) => {
      if (entry.record !== null) records.write(entry, version(++counter, value, entry.record));
    });
  const remove = (ref: KeyRef) => records.withRecord(ref, (entry) => records.remove(entry));
  let finished = 0;
  const reindex = (bounds = { reindexPageRowsMax: 3, reindexRecordsAtOnceMax: 2, recountMadeMax: 2 }) =>
    new Reindex({ log: rows.log, disk: rows.disk, records, requests, expiry }, () => finished++, bounds);
  return { rows, records, put, remove, reindex, requests, finished: () => finished };
}

function store(rows: MemoryRows, ref: KeyRef, record: StoredRecord, listed: boolean): void {
  rows.rows.set(ref.row, encodeRecord(record));
  if (listed) rows.rows.set(indexRow(ref), nothing);
}

/** What is listed, and what a count of the rows themselves comes to. */
function truth({ rows }: MemoryRows) {
  const counts = { keys: 0, tombstones: 0, recordBytes: 0 };
  const live: string[] = [];
  for (const [row, bytes] of rows) {
    const ref = keyRefOfRow(row);
    if (ref === null || !(bytes instanceof Uint8Array)) continue;
    if (isListed(decodeRecord(bytes)!)) live.push(indexRow(ref));
    counts.recordBytes += bytes.length;
  }
  counts.keys = live.length;
  counts.tombstones = [...rows.keys()].filter((row) => row.startsWith('d/')).length - live.length;
  return { counts, live: live.sort() };
}

function listedRows({ rows }: MemoryRows): string[] {
  return [...rows.keys()].filter((row) => row.startsWith('k/')).sort();
}

describe('making the listing and the counts anew', () => {
  it('puts what is missing, takes out what is not live, and counts', () => {
    const { rows, records, reindex, finished } = replica();
    store(rows, refs[0]!, version(1, nothing), false);
    store(rows, refs[1]!, version(2, nothing), true);
    store(rows, refs[2]!, version(3, null), true);
    rows.rows.set(indexRow(refs[3]!), nothing);
    Object.assign(records.counts, { keys: 7, tombstones: 7, recordBytes: 7 });
    reindex().start();
    rows.settle();
    expect(finished()).toBe(1);
    expect(listedRows(rows)).toEqual([indexRow(refs[0]!), indexRow(refs[1]!)].sort());
    expect(records.counts).toEqual(truth(rows).counts);
  });

  it('notes again when values end', () => {
    const { rows, reindex } = replica();
    const held = version(1, nothing);
    const expiring = {
      clock: held.clock,
      vote: null,
      siblings: held.siblings.map((one) => ({ ...one, expiresAt: 255 })),
    };
    store(rows, refs[0]!, expiring, true);
    reindex().start();
    rows.settle();
    expect([...rows.rows.keys()]).toContain(`${expiryPrefix}000000000000ff/${refs[0]!.row}`);
  });

  it('puts missing conflicts, and takes out those that are settled or of no key', () => {
    const { rows, reindex } = replica();
    const one = version(1, nothing);
    const rival = { ...one.siblings[0]!, dot: { actor: 'n2~1.0' as ActorId, counter: 1 } };
    const contested = writeSibling(one, [], rival);
    store(rows, refs[0]!, contested, true);
    store(rows, refs[1]!, contested, true);
    store(rows, refs[2]!, one, true);
    for (const at of [1, 2, 3]) rows.rows.set(conflictRow(refs[at]!), nothing);
    reindex().start();
    rows.settle();
    const listed = [...rows.rows.keys()].filter((row) => row.startsWith('c/')).sort();
    expect(listed).toEqual([conflictRow(refs[0]!), conflictRow(refs[1]!)].sort());
  });

  it('is right whatever is written meanwhile, however little is remembered and cached', () => {
    const state = fc.record({ live: fc.constantFrom(true, false, null), listed: fc.boolean() });
    const step = fc.oneof(
      fc.record({ kind: fc.constantFrom('put', 'delete', 'remove'), key: fc.nat(refs.length - 1) }),
      fc.record({ kind: fc.constantFrom('sync', 'read'), key: fc.constant(0) }),
    );
    const bounds = fc.record({
      reindexPageRowsMax: fc.integer({ min: 1, max: 5 }),
      reindexRecordsAtOnceMax: fc.integer({ min: 1, max: 3 }),
      recountMadeMax: fc.nat(4),
    });
    fc.assert(
      fc.property(
        fc.array(state, { minLength: refs.length, maxLength: refs.length }),
        fc.array(step, { maxLength: 60 }),
        bounds,
        fc.constantFrom(0, 1200, 1 << 20),
        (states, steps, limited, cacheBytesMax) => {
          const rows = new MemoryRows();
          states.forEach(({ live, listed }, at) => {
            if (live !== null) store(rows, refs[at]!, version(at + 100, live ? nothing : null), listed);
            else if (listed) rows.rows.set(indexRow(refs[at]!), nothing);
          });
          const { records, put, remove, reindex, finished } = replica(rows, cacheBytesMax);
          reindex(limited).start();
          for (const { kind, key } of steps) {
            if (kind === 'put') put(refs[key]!, new Uint8Array(key));
            else if (kind === 'delete') put(refs[key]!, null);
            else if (kind === 'remove') remove(refs[key]!);
            else if (kind === 'sync') rows.sync();
            else rows.answerReads();
          }
          for (let i = 0; i < 20 && finished() === 0; i++) rows.settle();
          rows.settle();
          expect(finished()).toBe(1);
          expect(listedRows(rows)).toEqual(truth(rows).live);
          expect(records.counts).toEqual(truth(rows).counts);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('leaves damaged records listed as they are, and counts each as one of what it is listed as', () => {
    const { rows, records, reindex, finished } = replica();
    rows.rows.set(refs[0]!.row, 'corrupt');
    rows.rows.set(indexRow(refs[0]!), nothing);
    rows.rows.set(refs[1]!.row, 'corrupt');
    reindex().start();
    rows.settle();
    expect(finished()).toBe(1);
    expect(listedRows(rows)).toEqual([indexRow(refs[0]!)]);
    expect(records.counts).toEqual({ keys: 1, tombstones: 1, recordBytes: 0 });
  });

  it('remembers again the requests that the records carry', () => {
    const { rows, reindex, requests } = replica();
    store(rows, refs[0]!, version(1, nothing, emptyRecord, request), true);
    reindex().start();
    rows.settle();
    const found: unknown[] = [];
    requests.find(refs[0]!, request, (dot) => found.push(dot));
    rows.settle();
    expect(found).toEqual([{ actor, counter: 1 }]);
  });

  it('leaves the counts alone when it is stopped, and never says it has finished', () => {
    const { rows, records, put, reindex, finished } = replica();
    store(rows, refs[0]!, version(1, nothing), false);
    Object.assign(records.counts, { keys: 3, tombstones: 0, recordBytes: 100 });
    const stopped = reindex();
    stopped.start();
    rows.answerReads();
    stopped.stop();
    put(refs[1]!, nothing);
    rows.settle();
    expect([finished(), records.counts.keys]).toEqual([0, 4]);
    reindex().start();
    rows.settle();
    expect([finished(), records.counts.keys]).toEqual([1, 2]);
  });

  it('loads so many records at one time and no more (limits.reindexRecordsAtOnceMax)', () => {
    const { rows, reindex, finished } = replica();
    const many = Array.from({ length: 3 * limits.reindexRecordsAtOnceMax }, (_, at) =>
      keyRef('default', `m${at}`),
    );
    for (const [at, ref] of many.entries()) store(rows, ref, version(at + 1, nothing), true);
    const read = rows.disk.read.bind(rows.disk);
    let loading = 0;
    let most = 0;
    rows.disk.read = (wanted, then) => {
      const records = wanted.filter((row) => row.startsWith('d/')).length;
      loading += records;
      most = Math.max(most, loading);
      read(wanted, (found) => {
        loading -= records;
        then(found);
      });
    };
    reindex(limits).start();
    rows.settle();
    expect([finished(), most]).toEqual([1, limits.reindexRecordsAtOnceMax]);
  });

  it('looks at so many rows in one page, and goes on behind them (limits.reindexPageRowsMax)', () => {
    const { rows, records, reindex, finished } = replica();
    const many = Array.from({ length: limits.reindexPageRowsMax + 1 }, (_, at) =>
      keyRef('default', `m${at}`),
    );
    for (const [at, ref] of many.entries()) store(rows, ref, version(at + 1, nothing), at % 2 === 0);
    const asked: number[] = [];
    const scan = rows.disk.scan.bind(rows.disk);
    rows.disk.scan = (range, then) => {
      asked.push(range.rowsMax);
      scan(range, then);
    };
    reindex(limits).start();
    for (let i = 0; i < 20 && finished() === 0; i++) rows.settle();
    rows.settle();
    expect(finished()).toBe(1);
    expect(asked).toEqual(new Array(5).fill(limits.reindexPageRowsMax));
    expect(listedRows(rows)).toHaveLength(many.length);
    expect(records.counts.keys).toBe(many.length);
  });
});
