import {
  type ApiError,
  type Deleted,
  type Entry,
  failed,
  type JsonValue,
  type OutputOf,
  type Result,
  type SiblingView,
  type Written,
} from '@starling/api-types';
import type {
  ClientAnswer,
  Explain,
  Hlc,
  KeyRef,
  ListResult,
  ReadResult,
  UnmetResult,
  VisibleSibling,
  WriteResult,
} from '@starling/core';
import type { ContextTokens } from './context-tokens.ts';
import { encodeCursor } from './cursor.ts';

/** The machine's answers as the contract has them. Values are left out here and put in where they are needed. */

/** What an entry holds besides key and value, in the order in which it is written. */
export type EntryRest = Omit<Entry, 'key' | 'value' | 'siblings'>;
export type WrittenRest = Omit<Written, 'key' | 'value'>;

/** Milliseconds of a hybrid logical clock reading, which counts 1024 steps in each. */
function writtenAt(hlc: Hlc): number {
  return Math.floor(hlc / 1024);
}

function explained(explain: Explain | null): { explain?: NonNullable<Entry['explain']> } {
  if (explain === null) return {};
  const { replicas, pending, steps, ...rest } = explain;
  return { explain: { ...rest, replicas: [...replicas], pending: [...pending], steps: [...steps] } };
}

export function entryRest(
  contexts: ContextTokens,
  ref: KeyRef,
  winner: VisibleSibling,
  result: ReadResult,
): EntryRest {
  return {
    context: contexts.encode(ref, result.context),
    etag: result.etag,
    dot: winner.dot,
    writtenAt: writtenAt(winner.hlc),
    expiresAt: winner.expiresAt === 0 ? null : winner.expiresAt,
    ...explained(result.explain),
  };
}

export function siblingRest({ dot, hlc, expiresAt }: VisibleSibling): Omit<SiblingView, 'value'> {
  return { dot, writtenAt: writtenAt(hlc), expiresAt: expiresAt === 0 ? null : expiresAt };
}

export function writtenRest(
  contexts: ContextTokens,
  ref: KeyRef,
  expiresAt: number,
  result: WriteResult,
): WrittenRest {
  return {
    context: contexts.encode(ref, result.context),
    etag: result.etag,
    dot: result.dot,
    writtenAt: writtenAt(result.hlc),
    expiresAt: expiresAt === 0 ? null : expiresAt,
    siblingCount: result.siblingCount,
    repeated: result.repeated,
    ...explained(result.explain),
  };
}

/** The stored JSON as a value. The edge judged it when it was written, so the claim of its type holds. */
function parseValue(bytes: Uint8Array): JsonValue {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  return JSON.parse(text) as JsonValue;
}

export function entryResult(contexts: ContextTokens, ref: KeyRef, answer: ClientAnswer): Result<Entry> {
  if (answer.kind !== 'read') return refusal(answer);
  const { winner } = answer;
  if (winner === null || winner.value === null) return { ok: false, error: notFound(contexts, ref, answer) };
  const { explain, ...rest } = entryRest(contexts, ref, winner, answer);
  const siblings = answer.siblings.flatMap(siblingView);
  const entry = { key: ref.key, value: parseValue(winner.value), ...rest, siblings };
  return { ok: true, output: explain === undefined ? entry : { ...entry, explain } };
}

function siblingView(sibling: VisibleSibling): SiblingView[] {
  return sibling.value === null ? [] : [{ value: parseValue(sibling.value), ...siblingRest(sibling) }];
}

export function writtenResult(
  contexts: ContextTokens,
  ref: KeyRef,
  put: { readonly value: JsonValue; readonly expiresAt: number },
  answer: ClientAnswer,
): Result<Written> {
  if (answer.kind !== 'written') return writeRefusal(contexts, ref, answer);
  const rest = writtenRest(contexts, ref, put.expiresAt, answer);
  return { ok: true, output: { key: ref.key, value: put.value, ...rest } };
}

export function deletedResult(contexts: ContextTokens, ref: KeyRef, answer: ClientAnswer): Result<Deleted> {
  if (answer.kind !== 'written') return writeRefusal(contexts, ref, answer);
  const { expiresAt: _, ...rest } = writtenRest(contexts, ref, 0, answer);
  return { ok: true, output: { key: ref.key, deleted: true, ...rest } };
}

export function listResult(answer: ClientAnswer): Result<OutputOf<'data.list'>> {
  if (answer.kind !== 'listed') return refusal(answer);
  return { ok: true, output: listOutput(answer) };
}

function listOutput({ keys, next }: ListResult): OutputOf<'data.list'> {
  return { keys: [...keys], cursor: next === null ? null : encodeCursor(next) };
}

/** A key without a value. Its context covers the tombstone, if there is one, so that a writer can say it has seen it. */
export function notFound(contexts: ContextTokens, ref: KeyRef, result: ReadResult): ApiError {
  const siblings = result.siblings.flatMap(siblingView);
  return failed('not_found', 'the key has no value', {
    key: ref.key,
    context: contexts.encode(ref, result.context),
    etag: result.etag,
    ...(siblings.length === 0 ? {} : { siblings }),
    ...explained(result.explain),
  });
}

/** What a write whose condition does not hold is told: what is there, and all that is needed to try again. */
function unmet(contexts: ContextTokens, ref: KeyRef, { found, explain }: UnmetResult): ApiError {
  const { winner, siblings, context, etag } = found;
  const value = winner === null || winner.value === null ? {} : { value: parseValue(winner.value) };
  return failed('precondition_failed', 'the condition does not hold', {
    key: ref.key,
    exists: 'value' in value,
    ...value,
    context: contexts.encode(ref, context),
    etag,
    siblings: siblings.flatMap(siblingView),
    ...explained(explain),
  });
}

/** Why a write was not done. */
export function writeRefusal(
  contexts: ContextTokens,
  ref: KeyRef,
  answer: ClientAnswer,
): { readonly ok: false; readonly error: ApiError } {
  return answer.kind === 'unmet' ? { ok: false, error: unmet(contexts, ref, answer) } : refusal(answer);
}

/** The machine's error as the contract's. Any other kind of answer means that question and answer were mixed up. */
export function refusal(answer: ClientAnswer): { readonly ok: false; readonly error: ApiError } {
  if (answer.kind !== 'error') throw new Error(`the machine answered with ${answer.kind} to something else`);
  const { code, message, outcome, details } = answer.error;
  const more = { ...details, ...explained(answer.explain) };
  const error = { code, message, outcome };
  return { ok: false, error: Object.keys(more).length === 0 ? error : { ...error, details: more } };
}
