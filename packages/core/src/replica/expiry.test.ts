import { describe, expect, it } from 'vitest';
import type { ActorId, Hlc } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { emptyRecord, mergeRecords, writeSibling } from '../causality/dvv-set.ts';
import type { StoredRecord } from '../causality/record.ts';
import { type KeyRef, keyRef } from '../ring/key.ts';
import { expiryPrefix } from '../ring/rows.ts';
import { MemoryRows } from '../storage/memory-rows.test-kit.ts';
import { Expiry } from './expiry.ts';
import { RecordStore } from './record-store.ts';

const value = new Uint8Array([0x31]);

/** `record` with one more write, which expires at `expiresAt` (0: never) and covers all before it or nothing. */
function put(record: StoredRecord, expiresAt: number, covers = true): StoredRecord {
  const counter = 1 + Math.max(0, ...record.clock.map((dot) => dot.counter));
  return writeSibling(record, covers ? record.clock : [], {
    dot: { actor: `n${counter}~1.0` as ActorId, counter },
    hlc: (100 * counter) as Hlc,
    value,
    scoped: false,
    expiresAt,
    request: '',
  });
}

function store(rows = new MemoryRows()) {
  const clock = { due: 0 };
  const onCorrupt = () => undefined;
  const records: RecordStore = new RecordStore(rows.log, rows.disk, {
    cacheBytesMax: 0,
    onCorrupt,
    onWrite: (ref, before, after) => expiry.note(ref, before, after),
  });
  const expiry = new Expiry(rows.log, rows.disk, records, () => clock.due);
  const write = (ref: KeyRef, change: (record: StoredRecord) => StoredRecord) => {
    records.withRecord(ref, (entry) => records.write(entry, change(entry.record!)));
    rows.settle();
  };
  const read = (ref: KeyRef): StoredRecord => {
    let found: StoredRecord = emptyRecord;
    records.withRecord(ref, (entry) => {
      found = entry.record!;
    });
    rows.settle();
    return found;
  };
  /** One step; where the next one begins. */
  const step = (after = '') => {
    let next: string | null = null;
    expiry.drop(after, (at) => {
      next = at;
    });
    rows.settle();
    return next;
  };
  const dropAll = (due: number) => {
    clock.due = due;
    for (let at = step(''); at !== '' && at !== null; ) at = step(at);
  };
  const noted = () => [...rows.rows.keys()].filter((row) => row.startsWith(expiryPrefix));
  return { rows, records, clock, write, read, step, dropAll, noted };
}

const [a, b] = [keyRef('default', 'a'), keyRef('default', 'b')];

describe('values with an end', () => {
  it('are dropped once it is over, and leave their dots behind', () => {
    const { write, read, dropAll, noted, records } = store();
    write(a, (record) => put(record, 1000));
    write(b, (record) => put(record, 2000));
    const before = read(a);
    dropAll(1000);
    expect(read(a)).toEqual(before);
    dropAll(1001);
    expect(read(a).clock).toEqual(before.clock);
    expect(read(a).siblings).toMatchObject([{ dot: before.siblings[0]!.dot, value: null, expiresAt: 0 }]);
    expect(read(b).siblings).toMatchObject([{ value }]);
    expect(records.counts).toMatchObject({ keys: 1, tombstones: 1 });
    expect(noted()).toHaveLength(1);
  });

  it('are not dropped when something newer has replaced them', () => {
    const { write, read, dropAll, noted } = store();
    write(a, (record) => put(record, 1000));
    write(a, (record) => put(record, 0));
    expect(noted()).toEqual([]);
    dropAll(5000);
    expect(read(a).siblings).toMatchObject([{ value }]);
  });

  it('hide no sibling that goes on living', () => {
    const { write, read, dropAll } = store();
    write(a, (record) => put(put(record, 0), 1000, false));
    dropAll(2000);
    expect(read(a).siblings).toMatchObject([{ value: null, scoped: true }, { value }]);
  });

  it('with the same end are noted once, and the note stays while one of them does', () => {
    const { write, noted } = store();
    write(a, (record) => put(put(record, 1000), 1000, false));
    expect(noted()).toHaveLength(1);
    write(a, (record) => put(record, 0, false));
    expect(noted()).toHaveLength(1);
    write(a, (record) => put(record, 0));
    expect(noted()).toEqual([]);
  });

  it('are forgotten when their record is not here any more', () => {
    const { write, dropAll, noted, records, rows } = store();
    write(a, (record) => put(record, 1000));
    records.withRecord(a, (entry) => records.remove(entry));
    rows.settle();
    expect(noted()).toHaveLength(1);
    dropAll(2000);
    expect(noted()).toEqual([]);
  });

  it('wait while their record is damaged', () => {
    const { write, noted, rows } = store();
    write(a, (record) => put(record, 1000));
    rows.rows.set(a.row, 'corrupt');
    store(rows).dropAll(2000);
    expect(noted()).toHaveLength(1);
  });

  it('are looked at so many in one step (limits.expiryRowsMax)', () => {
    const { write, step, clock, noted } = store();
    for (let i = 0; i <= limits.expiryRowsMax; i++)
      write(keyRef('default', `k${i}`), (record) => put(record, 10 + i));
    clock.due = 10_000;
    const next = step();
    expect(noted()).toHaveLength(1);
    expect(next).not.toBe('');
    expect(step(next!)).toBe('');
    expect(noted()).toEqual([]);
  });
});

describe('a value dropped here and not yet there', () => {
  const held = put(emptyRecord, 1000);
  const { write, read, dropAll } = store();
  write(a, () => held);
  dropAll(2000);
  const left = read(a);

  it('is dropped in what both come to, whoever asks', () => {
    expect(mergeRecords(held, left)).toBe(left);
    expect(mergeRecords(left, held)).toBe(left);
  });

  it('stays dropped beside a write that only the other has seen', () => {
    const newer = put(held, 0, false);
    const both = mergeRecords(newer, left);
    expect(both.siblings).toMatchObject([{ value }, { value: null, scoped: true }]);
    expect(mergeRecords(left, newer)).toEqual(both);
  });
});
