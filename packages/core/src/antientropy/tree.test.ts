import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActorId, Hlc } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { Timers } from '../base/timers.ts';
import { emptyRecord, writeSibling } from '../causality/dvv-set.ts';
import type { StoredRecord } from '../causality/record.ts';
import { decodeRecord, encodeRecord } from '../codec/record.ts';
import { RecordStore } from '../replica/record-store.ts';
import { type KeyRef, keyRef, keyRefOfRow } from '../ring/key.ts';
import { MemoryRows } from '../storage/memory-rows.test-kit.ts';
import { Leaves } from './leaves.ts';
import { recordHash } from './record-hash.ts';
import { type AuditPauses, Tree } from './tree.ts';

const pauses = { treeAuditEveryMs: 1000, treeAuditPauseMs: 200 };
/** In which any slow pass over a few pages is done. */
const auditMs = 4000;

function next(record: StoredRecord, counter: number): StoredRecord {
  const dot = { actor: 'n1~1.0' as ActorId, counter };
  const rest = { value: new Uint8Array(1), scoped: false, expiresAt: 0, request: '' };
  return writeSibling(record, record.clock, { dot, hlc: counter as Hlc, ...rest });
}

function node(rows = new MemoryRows(), cacheBytesMax = 0, audit: AuditPauses = pauses) {
  const timers = new Timers();
  const putRight: number[] = [];
  const damaged: string[] = [];
  const records = new RecordStore(rows.log, rows.disk, {
    cacheBytesMax,
    onCorrupt: () => undefined,
    onChange: (ref, before, after) => tree.wrote(ref, before, after),
  });
  const tree: Tree = new Tree(
    {
      timers,
      log: rows.log,
      disk: rows.disk,
      inMemory: (row) => records.inMemory(row),
      withRecord: (ref, then) => records.withRecord(ref, (entry) => then(entry.record)),
      damaged: (row) => {
        damaged.push(row);
        // As the node does: what memory still has is written again.
        if (records.inMemory(row) === undefined) return;
        records.withRecord(keyRefOfRow(row)!, (entry) => {
          if (entry.record !== null) records.write(entry, entry.record);
        });
      },
      putRight: (buckets) => putRight.push(buckets),
    },
    audit,
  );
  let counter = 0;
  const put = (ref: KeyRef) =>
    records.withRecord(ref, (entry) => records.write(entry, next(entry.record ?? emptyRecord, ++counter)));
  const remove = (ref: KeyRef) => records.withRecord(ref, (entry) => records.remove(entry));
  /** Lets time pass, page by page. */
  const pass = (forMs: number) => {
    for (let until = timers.now + forMs; timers.now < until; ) {
      timers.advance(Math.min(until, timers.now + 50));
      timers.runDue();
      rows.settle();
    }
  };
  return { rows, timers, tree, records, put, remove, pass, putRight, damaged };
}

/** The leaves that the rows on the disk stand for. */
function truth({ rows }: MemoryRows): Leaves {
  const leaves = new Leaves();
  for (const [row, bytes] of rows) {
    const ref = keyRefOfRow(row);
    if (ref === null || !(bytes instanceof Uint8Array)) continue;
    leaves.toggle(ref.bucket, recordHash(ref, decodeRecord(bytes)!), 1);
  }
  return leaves;
}

const refs = Array.from({ length: 12 }, (_, i) => keyRef('default', `k${i}`));

function fill(rows: MemoryRows, count: number): void {
  for (let i = 0; i < count; i++)
    rows.rows.set(keyRef('default', `old ${i}`).row, encodeRecord(next(emptyRecord, 1)));
}

describe('the hash tree of a node', () => {
  it('is there once every record has been read, in pages of so many (limits.passPageRowsMax)', () => {
    const rows = new MemoryRows();
    fill(rows, limits.passPageRowsMax + 1);
    const { tree, timers } = node(rows);
    tree.start();
    rows.settle();
    expect(tree.leaves).toBeNull();
    timers.advance(1);
    timers.runDue();
    rows.settle();
    expect(tree.leaves!.differences(truth(rows))).toBe(0);
  });

  it('is right whatever is written while it is worked out, however little is cached', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constantFrom('put', 'remove'), key: fc.nat(refs.length - 1) }),
      fc.record({ kind: fc.constantFrom('sync', 'read', 'tick'), key: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.constantFrom(0, 1200, 1 << 20), (steps, cache) => {
        const rows = new MemoryRows();
        fill(rows, 300);
        const { tree, put, remove, timers, pass, putRight } = node(rows, cache);
        tree.start();
        for (const { kind, key } of steps) {
          if (kind === 'put') put(refs[key]!);
          else if (kind === 'remove') remove(refs[key]!);
          else if (kind === 'sync') rows.sync();
          else if (kind === 'read') rows.answerReads();
          else {
            timers.advance(timers.now + 1);
            timers.runDue();
          }
        }
        pass(100);
        expect(tree.leaves!.differences(truth(rows))).toBe(0);
        expect(tree.leaves!.span(0, 65_535).records).toBe(truth(rows).span(0, 65_535).records);
        pass(auditMs);
        expect(putRight).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('remembers so many writes while a page is on its way, and else asks for the page again (limits.passWrittenMax)', () => {
    for (const writes of [limits.passWrittenMax, limits.passWrittenMax + 1]) {
      const { rows, tree, records, put, pass } = node(new MemoryRows(), 1 << 30);
      const fresh = Array.from({ length: writes }, (_, i) => keyRef('default', `new ${i}`));
      for (const ref of fresh) records.withRecord(ref, () => undefined);
      rows.settle();
      tree.start();
      for (const ref of fresh) put(ref);
      rows.answerReads();
      // What was written meanwhile is not on the disk yet, so one scan alone cannot have seen it.
      expect(tree.leaves === null, `${writes} writes`).toBe(writes > limits.passWrittenMax);
      pass(2000);
      expect(tree.leaves!.differences(truth(rows))).toBe(0);
    }
  });

  it('is put right when it tells something else than what is stored', () => {
    const { rows, tree, put, pass, putRight } = node();
    for (const ref of refs) put(ref);
    rows.settle();
    tree.start();
    pass(100);
    rows.rows.delete(refs[0]!.row);
    pass(auditMs);
    expect(putRight).toEqual([1]);
    expect(tree.leaves!.differences(truth(rows))).toBe(0);
  });

  it('finds damage in rows that nobody asks for, and counts a record again once it is mended', () => {
    const { rows, tree, records, put, pass, damaged } = node();
    for (const ref of refs) put(ref);
    rows.settle();
    tree.start();
    pass(100);
    rows.rows.set(refs[3]!.row, 'corrupt');
    pass(auditMs);
    expect(damaged).toContain(refs[3]!.row);
    records.withRecord(refs[3]!, (entry) => records.write(entry, next(emptyRecord, 99)));
    pass(auditMs);
    expect(tree.leaves!.differences(truth(rows))).toBe(0);
  });

  it('comes to its end though damaged records are mended all the while', () => {
    const rows = new MemoryRows();
    const pages = 4;
    fill(rows, pages * limits.passPageRowsMax);
    const { tree, records, timers, pass } = node(rows);
    const held = [...rows.rows.keys()].sort();
    let steps = 0;
    tree.start();
    while (tree.leaves === null && steps < 40 * pages) {
      steps++;
      // One behind the pass and one before it, in each page's time.
      for (const at of [steps % 7, held.length - 1 - steps]) {
        const row = held[at]!;
        rows.rows.set(row, 'corrupt');
        records.withRecord(keyRefOfRow(row)!, (entry) => {
          if (entry.record === null) records.write(entry, next(emptyRecord, 1000 + steps));
        });
      }
      timers.advance(timers.now + 1);
      timers.runDue();
      rows.settle();
    }
    expect(steps).toBeLessThan(4 * pages);
    pass(100);
    expect(tree.leaves!.differences(truth(rows))).toBe(0);
    expect(tree.leaves!.span(0, 65_535).records).toBe(held.length);
  });

  it('is not compared by while a bucket is read again in which a damaged record was written over', () => {
    const rows = new MemoryRows();
    fill(rows, 12);
    const { tree, records, pass, putRight } = node(rows);
    tree.start();
    pass(100);
    expect(tree.progress).toEqual({ complete: true, bucketsRead: null, doubted: 0 });
    const ref = keyRef('default', 'old 3');
    rows.rows.set(ref.row, 'corrupt');
    records.withRecord(ref, (entry) => records.write(entry, next(emptyRecord, 99)));
    // The record, and then what its damaged bytes were listed as.
    rows.answerReads();
    rows.answerReads();
    expect(tree.progress).toEqual({ complete: false, bucketsRead: null, doubted: 1 });
    expect(tree.leaves).toBeNull();
    rows.settle();
    expect(tree.progress.complete).toBe(true);
    expect(tree.leaves!.differences(truth(rows))).toBe(0);
    pass(auditMs);
    expect(putRight).toEqual([]);
  });

  it('tells how many buckets its first pass has read', () => {
    const rows = new MemoryRows();
    fill(rows, 2 * limits.passPageRowsMax);
    const { tree, pass } = node(rows);
    tree.start();
    expect(tree.progress).toEqual({ complete: false, bucketsRead: 0, doubted: 0 });
    rows.settle();
    expect(tree.progress.bucketsRead).toBeGreaterThan(20_000);
    expect(tree.progress.bucketsRead).toBeLessThan(45_000);
    pass(100);
    expect(tree.progress).toEqual({ complete: true, bucketsRead: null, doubted: 0 });
  });

  it('counts a record once that is damaged on the disk and written again from memory while a pass goes by', () => {
    const { rows, tree, put, pass, damaged, putRight } = node(new MemoryRows(), 1 << 20);
    const [ref] = refs;
    tree.start();
    rows.settle();
    put(ref!);
    rows.settle();
    rows.rows.set(ref!.row, 'corrupt');
    pass(auditMs);
    expect(damaged).toEqual([ref!.row]);
    expect(tree.leaves!.differences(truth(rows))).toBe(0);
    expect(putRight).toEqual([]);
  });
});

it('a slow pass rests between two pages for so long (limits.treeAuditPauseMs)', () => {
  const { treeAuditEveryMs, treeAuditPauseMs } = limits;
  const rows = new MemoryRows();
  fill(rows, limits.passPageRowsMax + 2);
  const { tree, timers, putRight } = node(rows, 0, { treeAuditEveryMs, treeAuditPauseMs });
  const at = (ms: number) => {
    timers.advance(ms);
    timers.runDue();
    rows.settle();
  };
  tree.start();
  rows.settle();
  at(1);
  // In the last row of all, which only the second page shows.
  const last = [...rows.rows.keys()].sort().at(-1)!;
  rows.rows.delete(last);
  const begins = 1 + treeAuditEveryMs;
  at(begins);
  at(begins + treeAuditPauseMs - 1);
  expect(putRight).toEqual([]);
  at(begins + treeAuditPauseMs);
  expect(putRight).toEqual([1]);
});
