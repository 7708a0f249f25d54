import type { ActorId, Hlc, ReadResult, VisibleSibling } from '@starling/core';
import { keyRef } from '@starling/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyText } from '../../test/any-text.ts';
import { entryResult, writtenResult } from './data-answers.ts';
import { entryJson, writtenJson } from './data-json.ts';

const contexts = { encode: () => 'token', decode: () => null };
const explain = {
  coordinator: 'node-1',
  forwardedBy: null,
  ringEpoch: 1,
  bucket: 1,
  replicas: [],
  pending: [],
  needed: 2,
  steps: [],
  totalUs: 1,
} as unknown as ReadResult['explain']; // Node ids are branded; these are only shown.

// JSON has no −0, and its text is what is compared.
const value = fc.oneof(fc.jsonValue(), anyText).map((each) => JSON.parse(JSON.stringify(each)));
const large = fc.constant('é'.repeat(10_000));
const sibling = fc
  .record({ value: fc.oneof(value, large), hlc: fc.nat(), expiresAt: fc.nat(), dot: fc.string() })
  .map((each) => ({ ...each, hlc: each.hlc as Hlc, value: Buffer.from(JSON.stringify(each.value)) }));

test('an entry written around its stored bytes is the entry that tRPC answers', () => {
  fc.assert(
    fc.property(
      anyText,
      sibling,
      fc.array(sibling, { maxLength: 3 }),
      fc.boolean(),
      (key, winner, others, isExplained) => {
        const ref = keyRef('default', key);
        const tombstone: VisibleSibling = { ...winner, value: null };
        const result: ReadResult = {
          kind: 'read',
          winner,
          siblings: [...others, tombstone],
          context: { clock: [{ actor: 'a' as ActorId, counter: 1 }], hlc: winner.hlc },
          etag: '"e"',
          explain: isExplained ? explain : null,
        };
        const json = JSON.parse(String(entryJson(contexts, ref, winner, winner.value, result)));
        const answered = entryResult(contexts, ref, result);
        expect(answered).toEqual({ ok: true, output: json });
      },
    ),
  );
});

test('what PUT answers is the same in both forms', () => {
  fc.assert(
    fc.property(anyText, value, fc.nat(), (key, stored, expiresAt) => {
      const ref = keyRef('default', key);
      const result = {
        kind: 'written',
        context: { clock: [], hlc: 0 as Hlc },
        etag: '"e"',
        dot: 'd',
        hlc: 5000 as Hlc,
        siblingCount: 1,
        repeated: false,
        explain: null,
      } as const;
      const bytes = Buffer.from(JSON.stringify(stored));
      const request = {
        kind: 'put',
        ref,
        level: 'quorum',
        deadlineAt: 0,
        explain: false,
        value: bytes,
        context: null,
        requestId: null,
        condition: null,
        expiresAt,
      } as const;
      const json = JSON.parse(String(writtenJson(contexts, request, result)));
      expect(writtenResult(contexts, ref, { value: stored, expiresAt }, result)).toEqual({
        ok: true,
        output: json,
      });
    }),
  );
});
