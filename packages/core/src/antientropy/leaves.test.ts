import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActorId, Hlc } from '../base/ids.ts';
import { dropExpired, emptyRecord, writeSibling } from '../causality/dvv-set.ts';
import type { StoredRecord } from '../causality/record.ts';
import { anyRecord } from '../codec/record.arbitrary.ts';
import { anyRanges } from '../ring/bucket-range.arbitrary.ts';
import { keyRef } from '../ring/key.ts';
import { differingHashes, groupSize, Leaves } from './leaves.ts';
import { noHash, recordHash, sameHash } from './record-hash.ts';

const everything = [{ from: 0, to: 65_535 }];

function written(counter: number, before: StoredRecord = emptyRecord, expiresAt = 0): StoredRecord {
  const dot = { actor: 'n1~1.0' as ActorId, counter };
  const value = new Uint8Array([0x31]);
  const rest = { value, scoped: false, expiresAt, request: '' };
  return writeSibling(before, before.clock, { dot, hlc: counter as Hlc, ...rest });
}

describe('the hash of a record', () => {
  it('is nothing for a key that was never written', () => {
    expect(recordHash(keyRef('t', 'a'), emptyRecord)).toEqual(noHash);
  });

  it('tells apart which key it is, however its names are cut', () => {
    const record = written(1);
    const hashes = [keyRef('a:b', 'c'), keyRef('a', 'b:c'), keyRef('a', 'bc')].map((ref) =>
      recordHash(ref, record),
    );
    expect(new Set(hashes.map(({ low, high }) => `${low} ${high}`)).size).toBe(3);
  });

  it('tells apart what has been seen, and is the same for a value that has expired here and not there', () => {
    const ref = keyRef('t', 'a');
    const record = written(1, emptyRecord, 1000);
    expect(sameHash(recordHash(ref, record), recordHash(ref, written(2, record)))).toBe(false);
    expect(sameHash(recordHash(ref, record), recordHash(ref, dropExpired(record, 2000)))).toBe(true);
  });
});

describe('leaves', () => {
  const change = fc.record({ key: fc.nat(40), record: anyRecord });

  it('are the same for the same records, in whatever order and by whatever way they came', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const [ways, straight] = [new Leaves(), new Leaves()];
        const last = new Map<number, StoredRecord>();
        for (const { key, record } of changes) {
          const ref = keyRef('t', `k${key}`);
          ways.toggle(ref.bucket, recordHash(ref, last.get(key) ?? emptyRecord));
          ways.toggle(ref.bucket, recordHash(ref, record));
          last.set(key, record);
        }
        for (const [key, record] of [...last].reverse()) {
          const ref = keyRef('t', `k${key}`);
          straight.toggle(ref.bucket, recordHash(ref, record));
        }
        expect(ways.differences(straight)).toBe(0);
        expect(ways.root(everything)).toEqual(straight.root(everything));
      }),
    );
  });

  it('sum up to the same, asked after every change or once at the end', () => {
    fc.assert(
      fc.property(anyRanges(6), fc.array(change, { maxLength: 30 }), (ranges, changes) => {
        const leaves = new Leaves();
        for (const { key, record } of changes) {
          const ref = keyRef('t', `k${key}`);
          leaves.toggle(ref.bucket, recordHash(ref, record));
          leaves.root(ranges);
        }
        expect(leaves.root(ranges)).toEqual(leaves.root([...ranges]));
        expect(leaves.groups(ranges)).toEqual(leaves.groups([...ranges]));
      }),
    );
  });

  it('differ in the root, in one group and in one leaf of it when one record does', () => {
    const [a, b] = [new Leaves(), new Leaves()];
    const ref = keyRef('t', 'only here');
    for (const leaves of [a, b])
      for (let i = 0; i < 100; i++) {
        const other = keyRef('t', `k${i}`);
        leaves.toggle(other.bucket, recordHash(other, written(1)));
      }
    a.toggle(ref.bucket, recordHash(ref, written(1)));
    const group = Math.floor(ref.bucket / groupSize);
    expect(sameHash(a.root(everything), b.root(everything))).toBe(false);
    expect(differingHashes(a.groups(everything), b.groups(everything))).toEqual([group]);
    expect(differingHashes(a.group(group, everything), b.group(group, everything))).toEqual([
      ref.bucket % groupSize,
    ]);
  });

  it('tell nothing of buckets that are not asked for', () => {
    const leaves = new Leaves();
    const ref = keyRef('t', 'a');
    leaves.toggle(ref.bucket, recordHash(ref, written(1)));
    const others = [
      { from: 0, to: ref.bucket - 1 },
      { from: ref.bucket + 1, to: 65_535 },
    ];
    const group = Math.floor(ref.bucket / groupSize);
    expect(leaves.root(others)).toEqual(noHash);
    expect(leaves.groups(others).every((byte) => byte === 0)).toBe(true);
    expect(leaves.group(group, others).every((byte) => byte === 0)).toBe(true);
    expect(leaves.group(group, everything).some((byte) => byte !== 0)).toBe(true);
  });

  it('are not compared with a list of another length', () => {
    expect(differingHashes(new Uint8Array(8), new Uint8Array(16))).toBeNull();
  });
});

it('counts the records of any row of buckets, and is made equal bucket by bucket', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 60 }), anyRanges(4), (keys, cuts) => {
      const [leaves, copy] = [new Leaves(), new Leaves()];
      const refs = [...new Set(keys)].map((key) => keyRef('t', `k${key}`));
      for (const ref of refs) leaves.toggle(ref.bucket, recordHash(ref, written(1)), 1);
      for (const { from, to } of [...cuts, ...everything]) {
        const inside = refs.filter(({ bucket }) => from <= bucket && bucket <= to);
        expect(leaves.span(from, to)).toEqual({ hash: leaves.root([{ from, to }]), records: inside.length });
      }
      for (const { bucket } of refs) copy.copy(bucket, leaves);
      expect(copy.span(0, 65_535)).toEqual(leaves.span(0, 65_535));
      for (const ref of refs) leaves.toggle(ref.bucket, recordHash(ref, written(1)), -1);
      expect(leaves.span(0, 65_535)).toEqual({ hash: noHash, records: 0 });
    }),
    { numRuns: 50 },
  );
});
