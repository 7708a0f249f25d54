import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesToHex } from '../base/bytes.ts';
import type { NodeId } from '../base/ids.ts';
import type { RingDoc, RingMember } from '../ring/ring-doc.ts';
import { anyRingDoc } from './messages.arbitrary.ts';
import { decodeRingDoc, encodeRingDoc } from './ring-doc.ts';

const member = (nodeId: string, tokens: readonly number[]): RingMember => ({
  nodeId: nodeId as NodeId,
  status: 'normal',
  zone: 'z',
  weight: 1,
  tokens,
});
const ring = (...members: RingMember[]): RingDoc => ({
  clusterId: '00000000000000ff',
  epoch: 3,
  replicas: 3,
  members,
  change: null,
  operations: [],
});

test('a ring comes back from its bytes, which are its only ones', () => {
  fc.assert(
    fc.property(anyRingDoc, (doc) => {
      const bytes = encodeRingDoc(doc);
      expect(decodeRingDoc(bytes)).toEqual(doc);
    }),
  );
});

test('the layout: cluster, epoch, replicas, members with their tokens as distances', () => {
  expect(bytesToHex(encodeRingDoc(ring(member('a', [0, 1, 300]))))).toBe(
    `${'00000000000000ff'}${'03'}${'03'}${'01'}${'0161'}${'02'}${'017a'}${'01'}${'03'}${'0000aa02'}`,
  );
});

test('any bytes are a ring in its one encoding, or none', () => {
  const mutation = fc.record({ at: fc.nat(), byte: fc.nat(255) });
  fc.assert(
    fc.property(anyRingDoc, fc.array(mutation, { minLength: 1, maxLength: 3 }), (doc, mutations) => {
      const bytes = encodeRingDoc(doc);
      for (const { at, byte } of mutations) bytes[at % bytes.length] = byte;
      const decoded = decodeRingDoc(bytes);
      if (decoded !== null) expect(encodeRingDoc(decoded)).toEqual(bytes);
    }),
    { numRuns: 2000 },
  );
});

describe('refused', () => {
  test.each([
    ['members out of order', ring(member('b', []), member('a', []))],
    ['a member twice', ring(member('a', []), member('a', []))],
    ['a token beyond the last bucket', ring(member('a', [65_536]))],
    ['a node id that is none', ring(member('A', []))],
  ])('%s', (_name, doc) => {
    expect(decodeRingDoc(encodeRingDoc(doc))).toBeNull();
  });

  test('the last bucket itself is fine', () => {
    expect(decodeRingDoc(encodeRingDoc(ring(member('a', [65_535]))))).not.toBeNull();
  });

  test('tokens that do not ascend cannot even be written', () => {
    expect(() => encodeRingDoc(ring(member('a', [5, 5])))).toThrow('varint');
  });
});

test('a hundred nodes of 150 tokens take less than 40 KB', () => {
  const members = Array.from({ length: 100 }, (_, n) =>
    member(
      `node-${String(n).padStart(3, '0')}`,
      Array.from({ length: 150 }, (_, i) => i * 430 + n * 4),
    ),
  );
  expect(encodeRingDoc(ring(...members)).length).toBeLessThan(40_000);
});
