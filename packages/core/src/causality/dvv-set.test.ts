import { describe, expect, test } from 'vitest';
import type { ActorId, Hlc } from '../base/ids.ts';
import { utf8Bytes, utf8Text } from '../base/utf8.ts';
import { formatDot } from './dot.ts';
import {
  emptyRecord,
  isContested,
  isTombstone,
  mergeRecords,
  recordHlc,
  sameRecord,
  siblingCount,
  siblingOf,
  visibleSiblings,
  winner,
  writeSibling,
} from './dvv-set.ts';
import type { Dot, Sibling, StoredRecord, VersionVector } from './record.ts';
import { emptyClock } from './version-vector.ts';

const dot = (actor: string, counter: number): Dot => ({ actor: actor as ActorId, counter });

function value(at: Dot, hlc: number, text: string, more: Partial<Sibling> = {}): Sibling {
  return {
    dot: at,
    hlc: hlc as Hlc,
    value: utf8Bytes(text),
    scoped: false,
    expiresAt: 0,
    request: '',
    ...more,
  };
}

function tombstone(at: Dot, hlc: number, scoped: boolean): Sibling {
  return { dot: at, hlc: hlc as Hlc, value: null, scoped, expiresAt: 0, request: '' };
}

/** Siblings that know nothing of each other. */
function concurrent(...siblings: Sibling[]): StoredRecord {
  return siblings.reduce((record, sibling) => writeSibling(record, emptyClock, sibling), emptyRecord);
}

function shown(record: StoredRecord): string[] {
  return record.siblings.map((s) => `${s.value === null ? '✝' : utf8Text(s.value)}@${formatDot(s.dot)}`);
}

describe('two clients, one replica, no reads between: siblings stay at two', () => {
  const steps: [text: string, context: VersionVector, clock: string, siblings: string[]][] = [
    ['v1', [], 'A:1', ['v1@A:1']],
    ['v2', [], 'A:2', ['v2@A:2', 'v1@A:1']],
    ['v3', [dot('A', 1)], 'A:3', ['v3@A:3', 'v2@A:2']],
    ['v4', [dot('A', 2)], 'A:4', ['v4@A:4', 'v3@A:3']],
    ['v5', [dot('A', 4)], 'A:5', ['v5@A:5']],
  ];
  const records: StoredRecord[] = [emptyRecord];
  for (const [text, context] of steps) {
    const n = records.length;
    records.push(writeSibling(records[n - 1]!, context, value(dot('A', n), n, text)));
  }

  test.each(steps.map((step, i) => [i + 1, ...step] as const))(
    'step %i: put %s',
    (i, _text, _context, clock, siblings) => {
      expect(records[i]!.clock.map(formatDot)).toEqual([clock]);
      expect(shown(records[i]!)).toEqual(siblings);
      expect(siblingCount(records[i]!)).toBe(siblings.length);
    },
  );

  test('step 6: merging steps 4 and 5 either way is step 5 itself', () => {
    expect(mergeRecords(records[4]!, records[5]!)).toBe(records[5]);
    expect(mergeRecords(records[5]!, records[4]!)).toBe(records[5]);
  });

  test('step 7: merging with itself, or with an equal copy, changes nothing', () => {
    for (const record of records) {
      const copy: StoredRecord = {
        clock: record.clock.slice(),
        siblings: record.siblings.slice(),
        vote: null,
      };
      expect(mergeRecords(record, record)).toBe(record);
      expect(mergeRecords(record, copy)).toBe(record);
      expect(sameRecord(record, copy)).toBe(true);
    }
  });
});

describe('a write', () => {
  test('refuses a dot whose counter the record or the context already knows', () => {
    const record = concurrent(value(dot('A', 3), 1, 'x'));
    expect(() => writeSibling(record, [], value(dot('A', 3), 2, 'y'))).toThrow('above every counter');
    expect(() => writeSibling(record, [dot('A', 7)], value(dot('A', 7), 2, 'y'))).toThrow(
      'above every counter',
    );
  });

  test('refuses an HLC that is not above what it discards', () => {
    const record = concurrent(value(dot('A', 1), 5, 'x'));
    expect(() => writeSibling(record, record.clock, value(dot('A', 2), 5, 'y'))).toThrow('higher HLC');
    expect(shown(writeSibling(record, [], value(dot('A', 2), 5, 'y')))).toEqual(['y@A:2', 'x@A:1']);
  });

  test('remembers what its context covers though the record has not seen it', () => {
    const record = writeSibling(emptyRecord, [dot('B', 4)], value(dot('A', 1), 9, 'x'));
    expect(record.clock.map(formatDot)).toEqual(['A:1', 'B:4']);
    expect(shown(mergeRecords(record, concurrent(value(dot('B', 4), 8, 'old'))))).toEqual(['x@A:1']);
  });

  test('is found by its dot', () => {
    const record = concurrent(value(dot('A', 1), 5, 'x'), value(dot('B', 1), 6, 'y'));
    expect(siblingOf(record, dot('A', 1))).toBe(record.siblings[1]);
    expect(siblingOf(record, dot('A', 2))).toBeNull();
  });
});

describe('the winner', () => {
  test('is the highest HLC, then the higher actor, then the higher counter', () => {
    const record = concurrent(
      value(dot('B', 1), 7, 'b1'),
      value(dot('A', 9), 7, 'a9'),
      value(dot('B', 2), 7, 'b2'),
    );
    expect(shown(record)).toEqual(['b2@B:2', 'b1@B:1', 'a9@A:9']);
    expect(winner(record, 0)).toBe(record.siblings[0]);
    expect(recordHlc(record)).toBe(7);
  });

  test('of a key never written is none', () => {
    expect(winner(emptyRecord, 0)).toBeNull();
    expect(visibleSiblings(emptyRecord, 0)).toEqual({ winner: null, others: [] });
    expect(recordHlc(emptyRecord)).toBe(0);
    expect(isTombstone(emptyRecord)).toBe(false);
  });

  test('a put beside a delete that had not read it survives, whatever the clocks say', () => {
    const base = concurrent(value(dot('A', 1), 1, 'old'));
    const deleted = writeSibling(base, base.clock, tombstone(dot('A', 2), 99, true));
    const updated = writeSibling(base, base.clock, value(dot('B', 1), 2, 'new'));
    const merged = mergeRecords(deleted, updated);
    expect(shown(merged)).toEqual(['✝@A:2', 'new@B:1']);
    expect(visibleSiblings(merged, 0).winner).toBe(merged.siblings[1]);
    expect(isTombstone(merged)).toBe(false);
  });

  test('a delete that says nothing of what it read is a write like any other: the newer one wins', () => {
    const newer = concurrent(value(dot('A', 1), 5, 'x'), tombstone(dot('B', 1), 6, false));
    expect(winner(newer, 0)).toBe(newer.siblings[0]);
    expect(visibleSiblings(newer, 0)).toEqual({ winner: null, others: [newer.siblings[1]] });
    const older = concurrent(value(dot('A', 1), 7, 'x'), tombstone(dot('B', 1), 6, false));
    expect(visibleSiblings(older, 0)).toEqual({ winner: older.siblings[0], others: [] });
  });

  test('a scoped tombstone wins when nothing else is left', () => {
    const record = writeSibling(emptyRecord, [dot('B', 1)], tombstone(dot('A', 1), 5, true));
    expect(winner(record, 0)).toBe(record.siblings[0]);
    expect(visibleSiblings(record, 0)).toEqual({ winner: null, others: [] });
    expect(isTombstone(record)).toBe(true);
  });

  test('a value is gone for readers at the very millisecond it expires, and an older one shows again', () => {
    const record = concurrent(
      value(dot('A', 1), 5, 'x'),
      value(dot('B', 1), 6, 'brief', { expiresAt: 1000 }),
    );
    expect(visibleSiblings(record, 999).winner).toBe(record.siblings[0]);
    expect(visibleSiblings(record, 1000)).toEqual({ winner: record.siblings[1], others: [] });
    expect(siblingCount(record)).toBe(2);
  });

  test('a scoped tombstone beside nothing but expired values wins: not found', () => {
    const record = concurrent(value(dot('A', 1), 9, 'x', { expiresAt: 1 }), tombstone(dot('B', 1), 5, true));
    expect(winner(record, 1)).toBe(record.siblings[1]);
    expect(isTombstone(record)).toBe(false);
  });

  test('of values that have all expired is none', () => {
    expect(winner(concurrent(value(dot('A', 1), 9, 'x', { expiresAt: 1 })), 2)).toBeNull();
  });
});

test('two copies of one dot that differ, which no law allows, still merge alike everywhere', () => {
  const [low, high] = [concurrent(value(dot('A', 1), 5, 'x')), concurrent(value(dot('A', 1), 6, 'y'))];
  expect(shown(mergeRecords(low, high))).toEqual(['y@A:1']);
  expect(shown(mergeRecords(high, low))).toEqual(['y@A:1']);
});

describe('a record is contested', () => {
  const [a, b] = [value(dot('a', 1), 1, 'x'), value(dot('b', 1), 2, 'y')];

  test('by two values, and no more once a write has seen both', () => {
    const record = concurrent(a, b);
    expect([isContested(concurrent(a)), isContested(record)]).toEqual([false, true]);
    expect(isContested(writeSibling(record, record.clock, value(dot('a', 2), 3, 'z')))).toBe(false);
  });

  test('by a value and a delete that hides it, not by one that hides nothing', () => {
    expect(isContested(concurrent(a, tombstone(dot('b', 1), 2, false)))).toBe(true);
    expect(isContested(concurrent(a, tombstone(dot('b', 1), 2, true)))).toBe(false);
  });

  test('never by deletes alone', () => {
    expect(isContested(concurrent(tombstone(dot('a', 1), 1, false), tombstone(dot('b', 1), 2, false)))).toBe(
      false,
    );
  });
});
