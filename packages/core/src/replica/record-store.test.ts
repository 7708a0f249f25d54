import { describe, expect, it } from 'vitest';
import { InvariantError } from '../base/assert.ts';
import type { ActorId, Hlc } from '../base/ids.ts';
import { emptyRecord, writeSibling } from '../causality/dvv-set.ts';
import type { StoredRecord } from '../causality/record.ts';
import { keyRef } from '../ring/key.ts';
import { MemoryRows } from '../storage/memory-rows.test-kit.ts';
import { type Entry, RecordStore } from './record-store.ts';

const actor = 'n1~1.0' as ActorId;
const ref = keyRef('default', 'a');

function version(
  counter: number,
  value: Uint8Array | null = new Uint8Array([counter]),
  before: StoredRecord = emptyRecord,
) {
  const sibling = {
    dot: { actor, counter },
    hlc: counter as Hlc,
    value,
    scoped: false,
    expiresAt: 0,
    request: '',
  };
  return writeSibling(before, before.clock, sibling);
}

function store(rows = new MemoryRows(), cacheBytesMax = 1 << 20) {
  const corrupt: string[] = [];
  const counted: number[] = [];
  const conflicts: boolean[] = [];
  const records = new RecordStore(rows.log, rows.disk, {
    cacheBytesMax,
    onCorrupt: (damaged) => corrupt.push(damaged.key),
    onCounted: () => counted.push(records.counts.keys),
    onConflict: (_, contested) => conflicts.push(contested),
  });
  const load = (key = ref): Entry => {
    let loaded: Entry | undefined;
    records.withRecord(key, (entry) => {
      loaded = entry;
    });
    rows.answerReads();
    return loaded!;
  };
  return { rows, records, corrupt, counted, conflicts, load };
}

describe('the record store', () => {
  it('answers for a key never written with the empty record', () => {
    expect(store().load().record).toBe(emptyRecord);
  });

  it('shows a write at once in memory, and reports it durable only when it is', () => {
    const { rows, records, load } = store();
    const entry = load();
    records.write(entry, version(1));
    let durable = false;
    records.whenDurable(entry, () => {
      durable = true;
    });
    expect(load().record).toBe(entry.record);
    expect(durable).toBe(false);
    rows.sync();
    expect(durable).toBe(true);
  });

  it('reads back after a restart what was written', () => {
    const { rows, records, load } = store();
    records.write(load(), version(1));
    rows.sync();
    expect(store(rows).load().record?.siblings[0]?.dot.counter).toBe(1);
  });

  it('asks the disk once for a key that several wait for', () => {
    const { rows, records } = store();
    const seen: Entry[] = [];
    records.withRecord(ref, (entry) => seen.push(entry));
    records.withRecord(ref, (entry) => seen.push(entry));
    rows.answerReads();
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBe(seen[1]);
  });

  it('calls damaged bytes neither a value nor an absence', () => {
    const rows = new MemoryRows();
    rows.rows.set(ref.row, 'corrupt');
    const { load, corrupt } = store(rows);
    load();
    expect(load().record).toBeNull();
    expect(corrupt).toEqual(['a']);
  });

  it('counts keys, tombstones and bytes with every write, and lists live keys only', () => {
    const { rows, records, load } = store();
    const put = version(1);
    records.write(load(), put);
    rows.sync();
    expect(records.counts).toMatchObject({ keys: 1, tombstones: 0 });
    expect(rows.rows.has('k/default/a')).toBe(true);
    records.write(load(), version(2, null, put));
    rows.sync();
    expect(records.counts).toMatchObject({ keys: 0, tombstones: 1 });
    expect(rows.rows.has('k/default/a')).toBe(false);
    records.remove(load());
    rows.sync();
    expect(records.counts).toEqual({ keys: 0, tombstones: 0, recordBytes: 0 });
    expect(rows.rows.size).toBe(0);
  });

  it('says of a record that the counts have changed when it is removed', () => {
    const { records, counted, load } = store();
    records.write(load(), version(1));
    expect(counted).toEqual([]);
    records.remove(load());
    expect(counted).toEqual([0]);
  });

  it('keeps counts and listing right when a damaged record is mended or removed', () => {
    const damage = (mend: (records: RecordStore, entry: Entry) => void) => {
      const rows = new MemoryRows();
      const before = store(rows);
      before.records.write(before.load(), version(1));
      rows.sync();
      rows.rows.set(ref.row, 'corrupt');
      const { records, load } = store(rows);
      Object.assign(records.counts, before.records.counts);
      load();
      mend(records, load());
      rows.sync();
      const { keys, tombstones } = records.counts;
      return { keys, tombstones, listed: rows.rows.has('k/default/a') };
    };
    expect(damage((records, entry) => records.write(entry, version(1)))).toEqual({
      keys: 1,
      tombstones: 0,
      listed: true,
    });
    expect(damage((records, entry) => records.write(entry, version(2, null)))).toEqual({
      keys: 0,
      tombstones: 1,
      listed: false,
    });
    expect(damage((records, entry) => records.remove(entry))).toEqual({
      keys: 0,
      tombstones: 0,
      listed: false,
    });
  });

  it('lists a key as a conflict from the batch that contests it to the one that settles it', () => {
    const { rows, records, load, conflicts } = store();
    const one = version(1);
    records.write(load(), one);
    expect(conflicts).toEqual([]);
    const rival = { ...one.siblings[0]!, dot: { actor: 'n2~1.0' as ActorId, counter: 1 } };
    records.write(load(), writeSibling(one, [], rival));
    expect(rows.rows.has('c/default/a')).toBe(false);
    rows.sync();
    expect(rows.rows.has('c/default/a')).toBe(true);
    records.write(load(), version(2, null, load().record!));
    rows.sync();
    expect(rows.rows.has('c/default/a')).toBe(false);
    expect(conflicts).toEqual([true, false]);
  });

  it('lists no conflict of a record that is gone, nor of damaged bytes once they are mended', () => {
    const one = version(1);
    const rival = { ...one.siblings[0]!, dot: { actor: 'n2~1.0' as ActorId, counter: 1 } };
    for (const end of ['removed', 'mended'] as const) {
      const rows = new MemoryRows();
      const before = store(rows);
      before.records.write(before.load(), writeSibling(one, [], rival));
      rows.sync();
      if (end === 'mended') rows.rows.set(ref.row, 'corrupt');
      const { records, load } = store(rows);
      load();
      if (end === 'removed') records.remove(load());
      else records.write(load(), one);
      rows.sync();
      expect(rows.rows.has('c/default/a')).toBe(false);
    }
  });

  it('refuses a write through an entry that has been dropped meanwhile', () => {
    const { records, load } = store(new MemoryRows(), 0);
    const stale = load();
    expect(() => records.write(stale, version(1))).toThrow(InvariantError);
  });

  it('drops the longest unused records over its bound, but never one whose write is not on disk (limits.cacheBytesMax)', () => {
    const { rows, records, load } = store(new MemoryRows(), 0);
    records.withRecord(ref, (entry) => records.write(entry, version(1)));
    rows.answerReads();
    expect(records.bytesOf(ref)).toBeGreaterThan(0);
    load(keyRef('default', 'b'));
    expect(records.bytesOf(ref)).toBeGreaterThan(0);
    rows.sync();
    load(keyRef('default', 'c'));
    expect(records.bytesOf(ref)).toBe(0);
    expect(load().record?.siblings).toHaveLength(1);
  });
});
