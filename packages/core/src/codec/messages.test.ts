import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ErrorDetails } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { emptyRecord } from '../causality/dvv-set.ts';
import type { ClientRequest } from '../coordinator/request.ts';
import type { PeerMessage } from '../node/messages.ts';
import { keyRef } from '../ring/key.ts';
import { anyMessage, messageOfKind, mono } from './messages.arbitrary.ts';
import { decodeMessage, encodeMessage } from './messages.ts';
import { ByteReader } from './reader.ts';
import { encodeRecord } from './record.ts';
import { ByteWriter } from './writer.ts';

function encoded(message: PeerMessage, now = mono): Uint8Array {
  const writer = new ByteWriter();
  encodeMessage(writer, message, now);
  return writer.finish();
}

function decoded(bytes: Uint8Array, now = mono): PeerMessage | null {
  const reader = new ByteReader(bytes);
  const message = decodeMessage(reader, now);
  return reader.complete() ? message : null;
}

const get = (fields: Partial<ClientRequest> = {}): PeerMessage => ({
  kind: 'forward',
  rpc: 1,
  epoch: 1,
  request: {
    kind: 'get',
    ref: keyRef('t', 'k'),
    level: 'quorum',
    deadlineAt: mono,
    explain: false,
    ...fields,
  } as ClientRequest,
});

const failure = (details: unknown, message = ''): PeerMessage => ({
  kind: 'forwardReply',
  rpc: 1,
  answer: {
    kind: 'error',
    error: { code: 'overloaded', outcome: 'failed', message, details: details as ErrorDetails },
    explain: null,
  },
});

function detailsOf(message: PeerMessage | null): unknown {
  if (message?.kind !== 'forwardReply' || message.answer.kind !== 'error') return null;
  return message.answer.error.details;
}

test.each(Object.entries(messageOfKind))(
  '%s comes back as it was, and is encoded alike again',
  (_kind, arbitrary) => {
    fc.assert(
      fc.property(arbitrary as fc.Arbitrary<PeerMessage>, (message) => {
        const bytes = encoded(message);
        const back = decoded(bytes);
        expect(back).toEqual(message);
        expect(encoded(back!)).toEqual(bytes);
      }),
    );
  },
);

describe('bytes that are no message', () => {
  const mutation = fc.record({ at: fc.nat(), byte: fc.nat(255), kind: fc.nat(3) });

  test('mutated fields are refused, or are a message of their own; nothing throws', () => {
    fc.assert(
      fc.property(anyMessage, fc.array(mutation, { minLength: 1, maxLength: 4 }), (message, mutations) => {
        const fields = [...encoded(message).subarray(4)];
        for (const { at, byte, kind } of mutations) {
          const place = at % (fields.length + 1);
          if (kind === 0) fields.splice(place, 1);
          else if (kind === 1) fields.splice(place, 0, byte);
          else if (kind === 2) fields.length = place;
          else fields[Math.min(place, Math.max(0, fields.length - 1))] = byte;
        }
        const writer = new ByteWriter();
        writer.u32(fields.length);
        writer.raw(Uint8Array.from(fields));
        const back = decoded(writer.finish());
        if (back !== null) expect(decoded(encoded(back))).toEqual(back);
      }),
      { numRuns: 5000 },
    );
  });

  test('every prefix is refused', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const bytes = encoded(message);
        for (let end = 0; end < bytes.length; end++) expect(decoded(bytes.slice(0, end))).toBeNull();
      }),
      { numRuns: 50 },
    );
  });

  test('something after the fields is refused, and passed over', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const bytes = encoded(message);
        const longer = new Uint8Array(bytes.length + 1);
        longer.set(bytes);
        new DataView(longer.buffer).setUint32(0, bytes.length - 3, true);
        const reader = new ByteReader(longer);
        expect(decodeMessage(reader, mono)).toBeNull();
        expect(reader.complete()).toBe(true);
      }),
    );
  });

  test('an unknown kind is passed over and the next message is read', () => {
    const writer = new ByteWriter();
    writer.u32(3);
    writer.varint(99);
    writer.raw(Uint8Array.of(1, 2));
    encodeMessage(writer, { kind: 'ringFetch' }, mono);
    const reader = new ByteReader(writer.finish());
    expect(decodeMessage(reader, mono)).toBeNull();
    expect(decodeMessage(reader, mono)).toEqual({ kind: 'ringFetch' });
    expect(reader.complete()).toBe(true);
  });

  test('a length beyond the end fails the reader', () => {
    const reader = new ByteReader(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 20));
    expect(decodeMessage(reader, mono)).toBeNull();
    expect(reader.failure).toBe('truncated');
  });
});

describe('deadlines', () => {
  test('travel as whole milliseconds left, counted from the receiver’s own clock', () => {
    const back = decoded(encoded(get({ deadlineAt: 5250.75 }), 250), 90_000);
    expect(back).toMatchObject({ request: { deadlineAt: 95_000 } });
  });

  test('that have passed leave nothing', () => {
    expect(decoded(encoded(get({ deadlineAt: 10 }), 250), 7)).toMatchObject({ request: { deadlineAt: 7 } });
  });
});

describe('bounds', () => {
  const store = (table: string, key: string): PeerMessage => ({
    kind: 'store',
    rpc: 1,
    epoch: 1,
    ref: keyRef(table, key),
    record: emptyRecord,
    counted: true,
  });

  test.each([
    ['a key at the limit', 't', 'é'.repeat(limits.keyBytesMax / 2), true],
    ['a key one byte over', 't', `${'é'.repeat(limits.keyBytesMax / 2)}x`, false],
    ['an empty key', 't', '', false],
    ['a table at the limit', 'é'.repeat(limits.tableCharsMax), 'k', true],
    ['a table one character over', 'x'.repeat(limits.tableCharsMax + 1), 'k', false],
    ['a table with a slash', 'a/b', 'k', false],
    ['an empty table', '', 'k', false],
  ])('%s (limits.keyBytesMax, limits.tableCharsMax)', (_name, table, key, accepted) => {
    const message = store(table, key);
    expect(decoded(encoded(message))).toEqual(accepted ? message : null);
  });

  test('texts for people are cut, and what no UTF-8 can say is replaced (limits.proseCharsMax)', () => {
    const long = 'x'.repeat(limits.proseCharsMax);
    expect(decoded(encoded(failure({}, `${long}y`)))).toMatchObject({ answer: { error: { message: long } } });
    const wide = '€'.repeat(limits.proseCharsMax);
    expect(decoded(encoded(failure({}, wide)))).toMatchObject({ answer: { error: { message: wide } } });
    const half = `${'x'.repeat(limits.proseCharsMax - 1)}😀`;
    expect(decoded(encoded(failure({}, half)))).toMatchObject({
      answer: { error: { message: `${'x'.repeat(limits.proseCharsMax - 1)}\ufffd` } },
    });
  });

  test('details are cut at their depth, and what JSON cannot say becomes null (limits.detailsDepthMax)', () => {
    const nested = (depth: number, core: unknown): unknown =>
      depth === 0 ? core : { d: nested(depth - 1, core) };
    const deepest = nested(limits.detailsDepthMax, 1);
    expect(detailsOf(decoded(encoded(failure(deepest))))).toEqual(deepest);
    const over = nested(limits.detailsDepthMax + 1, 1);
    expect(detailsOf(decoded(encoded(failure(over))))).toEqual(nested(limits.detailsDepthMax, null));
    const odd = { a: undefined, b: () => 1, c: Symbol('s'), d: [undefined] };
    expect(detailsOf(decoded(encoded(failure(odd))))).toEqual({ a: null, b: null, c: null, d: [null] });
    const cycle: Record<string, unknown> = {};
    cycle['d'] = cycle;
    expect(detailsOf(decoded(encoded(failure(cycle))))).toEqual(nested(limits.detailsDepthMax, null));
  });

  test('a name like __proto__ stays an ordinary one', () => {
    const details = JSON.parse('{"__proto__": {"admin": true}}');
    const back = detailsOf(decoded(encoded(failure(details)))) as object;
    expect(Object.keys(back)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
  });
});

test('a record in a message is the very bytes it is stored as', () => {
  fc.assert(
    fc.property(messageOfKind.store, (message) => {
      const back = decoded(encoded(message));
      if (back?.kind !== 'store') throw new Error('not a store');
      expect(encodeRecord(back.record)).toEqual(encodeRecord(message.record));
      expect(encodeRecord(back.record).buffer.byteLength).toBe(encodeRecord(back.record).length);
    }),
  );
});
