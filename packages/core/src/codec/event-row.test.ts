import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import type { KeptEvent } from '../node/event.ts';
import { decodeEventRow, encodeEventRow, isKept } from './event-row.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 300 });
const node = fc.constantFrom('n1' as NodeId, 'node-2' as NodeId);
const event: fc.Arbitrary<KeptEvent> = fc.oneof(
  fc.record({
    type: fc.constant('member' as const),
    nodeId: node,
    status: fc.constantFrom('alive' as const, 'suspect' as const, 'dead' as const, 'left' as const),
  }),
  fc.record({ type: fc.constant('ring' as const), epoch: fc.nat(), reason: text }),
  fc.record({
    type: fc.constant('state' as const),
    state: fc.constantFrom(
      'booting' as const,
      'joining' as const,
      'normal' as const,
      'recovering' as const,
      'leaving' as const,
      'stopping' as const,
    ),
    reason: text,
  }),
  fc.record({
    type: fc.constant('conflict' as const),
    key: text,
    change: fc.constantFrom('found' as const, 'settled' as const),
  }),
  fc.record({ type: fc.constant('repair' as const), replica: node, key: text }),
  fc.record({ type: fc.constant('corrupt' as const), row: text }),
  fc.record({ type: fc.constant('warning' as const), code: text, message: text }),
);

test('an event comes back from its row', () => {
  fc.assert(
    fc.property(event, fc.nat(), fc.double({ noNaN: true }), (kept, count, at) => {
      expect(decodeEventRow(encodeEventRow({ at, count, event: kept }))).toEqual({ at, count, event: kept });
    }),
  );
});

test('any other bytes are none, and never more than that', () => {
  fc.assert(
    fc.property(event, fc.nat(), fc.uint8Array({ maxLength: 60 }), (kept, cut, noise) => {
      const bytes = encodeEventRow({ at: 1, count: 1, event: kept });
      expect(decodeEventRow(bytes.subarray(0, cut % bytes.length))).toBeNull();
      expect(() => decodeEventRow(noise)).not.toThrow();
    }),
  );
});

test('a sentence of any length fits a row', () => {
  const long = { type: 'warning', code: 'c', message: `${'x'.repeat(999)}😀${'y'.repeat(9999)}` } as const;
  const told = decodeEventRow(encodeEventRow({ at: 1, count: 1, event: long }))?.event;
  expect(told).toEqual({ ...long, message: `${'x'.repeat(999)}…` });
});

test('what only shows how far something has come is not kept', () => {
  expect(isKept({ type: 'hint', target: 'n1' as NodeId, pending: 1, change: 'kept' })).toBe(false);
  expect(isKept({ type: 'corrupt', row: 'd/0' })).toBe(true);
});
