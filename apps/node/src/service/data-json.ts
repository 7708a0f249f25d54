import type { KeyRef, PutRequest, ReadResult, VisibleSibling, WriteResult } from '@starling/core';
import type { ContextTokens } from './context-tokens.ts';
import { entryRest, siblingRest, writtenRest } from './data-answers.ts';

/**
 * The same documents as in `data-answers`, written as JSON text around the stored bytes: a value is stored as JSON, so
 * it need be neither parsed nor written again. A test holds the two forms equal.
 */

/** Over this, bytes are copied once instead of going through a string; under it, one string is one write. */
const spliceBytesMin = 16_384;

export type JsonText = string | Buffer;

export function writtenJson(contexts: ContextTokens, request: PutRequest, result: WriteResult): JsonText {
  const rest = writtenRest(contexts, request.ref, request.expiresAt, result);
  return splice(
    `{"key":${JSON.stringify(request.ref.key)},"value":`,
    request.value,
    `,${JSON.stringify(rest).slice(1)}`,
  );
}

/** `winner` is that of `result`, and `value` is its value. */
export function entryJson(
  contexts: ContextTokens,
  ref: KeyRef,
  winner: VisibleSibling,
  value: Uint8Array,
  result: ReadResult,
): JsonText {
  const { explain, ...rest } = entryRest(contexts, ref, winner, result);
  const tail = explain === undefined ? '}' : `,"explain":${JSON.stringify(explain)}}`;
  const head = `{"key":${JSON.stringify(ref.key)},"value":`;
  const middle = `,${JSON.stringify(rest).slice(1, -1)},"siblings":[`;
  if (result.siblings.length === 0) return splice(head, value, `${middle}]${tail}`);
  const pieces: JsonText[] = [splice(head, value, middle)];
  for (const sibling of result.siblings) {
    if (sibling.value === null) continue;
    const comma = pieces.length === 1 ? '' : ',';
    pieces.push(
      splice(`${comma}{"value":`, sibling.value, `,${JSON.stringify(siblingRest(sibling)).slice(1)}`),
    );
  }
  pieces.push(`]${tail}`);
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}

function splice(head: string, value: Uint8Array, tail: string): JsonText {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (bytes.length < spliceBytesMin) return head + bytes.toString() + tail;
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from(tail)]);
}
