import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesToHex } from '../base/bytes.ts';
import type { ActorId, Hlc } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { utf8Bytes } from '../base/utf8.ts';
import { emptyRecord, mergeRecords, writeSibling } from '../causality/dvv-set.ts';
import type { Dot, KeyVote, Sibling, StoredRecord } from '../causality/record.ts';
import { noBallot } from '../paxos/ballot.ts';
import { sha256Hex64 } from '../ring/sha256.ts';
import { HeldRecord } from './held-record.ts';
import { anyRecord, anyStoredRecord } from './record.arbitrary.ts';
import { decodeRecord, encodeRecord, recordDigest } from './record.ts';

const plain = ({ clock, siblings, vote }: StoredRecord): StoredRecord => ({ clock, siblings, vote });

test('a record comes back from its bytes, which are its only ones', () => {
  fc.assert(
    fc.property(anyStoredRecord, (record) => {
      const bytes = encodeRecord(record);
      const decoded = decodeRecord(bytes.slice());
      expect(decoded).toEqual(record);
      expect(encodeRecord(plain(decoded!))).toEqual(bytes);
      expect(recordDigest(record)).toBe(sha256Hex64(bytes));
      expect(recordDigest(plain(record))).toBe(recordDigest(decoded!));
    }),
    { numRuns: 500 },
  );
});

test('equal records from different merges have equal bytes', () => {
  fc.assert(
    fc.property(anyRecord, anyRecord, (a, b) => {
      expect(encodeRecord(mergeRecords(a, b))).toEqual(encodeRecord(mergeRecords(b, a)));
    }),
  );
});

test('bytes and digest are worked out once, and kept from decoding', () => {
  const record = writeSibling(emptyRecord, [], value(dot('a', 1), 'x'));
  expect(encodeRecord(record)).toBe(encodeRecord(record));
  const bytes = encodeRecord(record).slice();
  expect(encodeRecord(decodeRecord(bytes)!)).toBe(bytes);
});

test('the layout: format, clock, siblings', () => {
  const record = writeSibling(emptyRecord, [dot('b', 5)], {
    ...value(dot('a', 300), 'hi'),
    request: '0123456789abcdef',
    expiresAt: 1,
  });
  expect(bytesToHex(encodeRecord(record))).toBe(
    `01${'02'}${'0161ac02'}${'016205'}${'01'}${'00ac02'}${'07'}${'0d'}${'000000000000f03f'}${'0123456789abcdef'}${'026869'}`,
  );
  expect(bytesToHex(encodeRecord(emptyRecord))).toBe('010000');
  expect(decodeRecord(Uint8Array.of(1, 0, 0))).toEqual(emptyRecord);
});

describe('anything else is no record', () => {
  test('mutated bytes are refused or are the canonical bytes of what they decode to', () => {
    const mutation = fc.record({ at: fc.nat(), byte: fc.nat(255), kind: fc.nat(3) });
    fc.assert(
      fc.property(
        anyStoredRecord,
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        (record, mutations) => {
          const list = [...encodeRecord(record)];
          for (const { at, byte, kind } of mutations) {
            const place = at % (list.length + 1);
            if (kind === 0) list.splice(place, 1);
            else if (kind === 1) list.splice(place, 0, byte);
            else if (kind === 2) list.length = place;
            else list[Math.min(place, Math.max(0, list.length - 1))] = byte;
          }
          const bytes = Uint8Array.from(list);
          const decoded = decodeRecord(bytes);
          if (decoded !== null) expect(encodeRecord(plain(decoded))).toEqual(bytes);
        },
      ),
      { numRuns: 3000 },
    );
  });

  const good = encodeRecord(
    writeSibling(writeSibling(emptyRecord, [], value(dot('a', 1), 'x')), [], {
      ...value(dot('b', 1), 'y'),
      hlc: 9 as Hlc,
    }),
  );
  const bytesOf = (hex: string) =>
    Uint8Array.from(hex.match(/../g)!, (digits) => Number.parseInt(digits, 16));

  test.each([
    ['nothing', ''],
    ['another format', '020000'],
    ['something after the end', '01000000'],
    ['an actor twice', '0102016101016101' + '00'],
    ['actors out of order', '0102016201016101' + '00'],
    ['an actor without a name', '01010001' + '00'],
    ['the counter 0', '0101016100' + '00'],
    ['a sibling of an actor unknown to the clock', '0101016101' + '01' + '01010700'],
    ['a sibling above the clock', '0101016101' + '01' + '00020700'],
    ['a sibling numbered 0', '0101016101' + '01' + '00000700'],
    ['an unknown mark', '0101016101' + '01' + '00010710'],
    ['a scoped value', '0101016101' + '01' + '00010703' + '0178'],
    ['a tombstone that expires', '0101016101' + '01' + '00010704' + '000000000000f03f'],
    ['an expiry of 0', '0101016101' + '01' + '00010705' + '0000000000000000' + '0178'],
    ['an expiry that is no number', '0101016101' + '01' + '00010705' + '000000000000f87f' + '0178'],
    ['an expiry before 1970', '0101016101' + '01' + '00010705' + '000000000000f0bf' + '0178'],
    ['siblings out of order', '0101016102' + '02' + '00010701' + '0178' + '00020701' + '0178'],
    ['one sibling twice', '0101016102' + '02' + '00010701' + '0178' + '00010701' + '0178'],
    ['one dot at two HLCs', '0101016102' + '02' + '00010801' + '0178' + '00010701' + '0178'],
    ['more siblings than bytes', '0101016101' + 'ffffffff0f'],
    ['more actors than bytes', '01ffffffff0f'],
  ])('%s', (_name, hex) => {
    expect(decodeRecord(hex === '' ? new Uint8Array(0) : bytesOf(hex))).toBeNull();
  });

  test('every prefix of a record', () => {
    for (let end = 0; end < good.length; end++) expect(decodeRecord(good.slice(0, end))).toBeNull();
    expect(decodeRecord(good.slice())).not.toBeNull();
  });

  test('an actor at the cap passes, one byte more does not (limits.actorBytesMax)', () => {
    const actorOf = (length: number) => writeSibling(emptyRecord, [], value(dot('x'.repeat(length), 1), 'v'));
    expect(decodeRecord(encodeRecord(actorOf(limits.actorBytesMax)))).not.toBeNull();
    expect(decodeRecord(encodeRecord(actorOf(limits.actorBytesMax + 1)))).toBeNull();
  });
});

test('a record whose clock does not cover its siblings is not written', () => {
  expect(() => encodeRecord({ clock: [], siblings: [value(dot('a', 1), 'x')], vote: null })).toThrow(
    'covers its siblings',
  );
  const clock = [dot('a', 1)];
  expect(() =>
    encodeRecord({ clock, siblings: [{ ...value(dot('a', 1), 'x'), scoped: true }], vote: null }),
  ).toThrow('only values');
});

test('values beside others do not hold the others in memory', () => {
  const two = writeSibling(
    writeSibling(emptyRecord, [], value(dot('a', 1), 'x'.repeat(1000))),
    [],
    value(dot('b', 1), 'y'),
  );
  for (const sibling of decodeRecord(encodeRecord(two).slice())!.siblings) {
    expect(sibling.value!.buffer.byteLength).toBe(sibling.value!.length);
  }
});

function dot(actor: string, counter: number): Dot {
  return { actor: actor as ActorId, counter };
}

function value(at: Dot, text: string): Sibling {
  return { dot: at, hlc: 7 as Hlc, value: utf8Bytes(text), scoped: false, expiresAt: 0, request: '' };
}

describe('a vote beside a record', () => {
  const ballot = (round: number) => ({ round, actor: 'n1~0' as ActorId });
  const voted = (vote: KeyVote) => new HeldRecord([], [], null, vote);
  const carrying = (requests: number) =>
    voted({
      promised: ballot(2),
      accepted: ballot(2),
      recent: Array.from({ length: requests }, (_, i) => ({
        request: i.toString(16).padStart(16, '0'),
        dot: dot('a', i + 1),
      })),
      settled: 1,
    });

  test('comes back, also where there is nothing to vote on yet', () => {
    const promised = voted({ promised: ballot(1), accepted: noBallot, recent: [], settled: 0 });
    expect(decodeRecord(encodeRecord(promised))?.vote).toEqual(promised.vote);
  });

  test('leaves the bytes of a record without one as they were', () => {
    expect([...encodeRecord(voted(null as never))]).toEqual([1, 0, 0]);
  });

  test('is not read if it says what no replica can have bound itself to', () => {
    const bytes = (accepted: number, promised: number, settled = 0) => [
      ...[2, 0, 0, promised, 1, 97, accepted, 1, 97, 0, settled],
    ];
    expect(decodeRecord(new Uint8Array(bytes(1, 2)))).not.toBeNull();
    expect(decodeRecord(new Uint8Array(bytes(3, 2)))).toBeNull();
    expect(decodeRecord(new Uint8Array(bytes(1, 2, 1)))).toBeNull();
    expect(decodeRecord(new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0]))).toBeNull();
    expect(() =>
      encodeRecord(voted({ promised: ballot(1), accepted: ballot(2), recent: [], settled: 0 })),
    ).toThrow('promised as well');
  });

  test('carries a bounded number of requests (limits.recentRequestsMax)', () => {
    expect(decodeRecord(encodeRecord(carrying(limits.recentRequestsMax)))).not.toBeNull();
    expect(decodeRecord(encodeRecord(carrying(limits.recentRequestsMax + 1)))).toBeNull();
  });
});
