import {
  type ApiError,
  apiLimits,
  type Deleted,
  type Entry,
  failed,
  type InputOf,
  type OutputOf,
  type Result,
  type Written,
} from '@starling/api-types';
import type { ClientAnswer, KeyRef } from '@starling/core';
import { nodeLimits } from '../limits.ts';
import type { Caller } from './caller.ts';
import { deletedResult, entryResult, writtenResult } from './data-answers.ts';
import { entryJson, type JsonText } from './data-json.ts';
import { deleteRequest, encodeValue, getRequest, putRequest, type RequestSources } from './data-requests.ts';

/**
 * Batches: items are begun in their order, and each has its own result. Most batches are begun within one turn of the
 * event loop; one of many or large values makes way for others after each slice of time.
 */

type ItemError = { readonly ok: false; readonly key: string; readonly error: ApiError };
type Item<Output> = { readonly ok: true; readonly key: string; readonly output: Output } | ItemError;

export async function batchGet(
  sources: RequestSources,
  { keys, ...options }: InputOf<'batch.get'>,
  caller: Caller,
): Promise<OutputOf<'batch.get'>> {
  const tell = (ref: KeyRef, answer: ClientAnswer): Item<Entry> =>
    named(ref.key, entryResult(sources.contexts, ref, answer));
  return { results: await readMany(sources, keys, options, caller, tell, (refused) => refused) };
}

/** What `batchGet` answers, as JSON text around the stored bytes: large values are neither parsed nor written again. */
export async function batchGetJson(
  sources: RequestSources,
  { keys, ...options }: InputOf<'batch.get'>,
  caller: Caller,
): Promise<Buffer> {
  const tell = (ref: KeyRef, answer: ClientAnswer): JsonText => {
    if (answer.kind !== 'read' || answer.winner === null || answer.winner.value === null) {
      return JSON.stringify(named(ref.key, entryResult(sources.contexts, ref, answer)));
    }
    const { winner } = answer;
    const entry = entryJson(sources.contexts, ref, winner, answer.winner.value, answer);
    return spliced(`{"ok":true,"key":${JSON.stringify(ref.key)},"output":`, entry, '}');
  };
  const items = await readMany(sources, keys, options, caller, tell, JSON.stringify);
  const pieces = items.flatMap((item, i) => [i === 0 ? '{"results":[' : ',', item]);
  return joined([...pieces, ']}']);
}

/** Reads every key and tells of each answer, as long as there is room for values. */
async function readMany<Told>(
  sources: RequestSources,
  keys: readonly string[],
  options: Omit<InputOf<'batch.get'>, 'keys'>,
  caller: Caller,
  tell: (ref: KeyRef, answer: ClientAnswer) => Told,
  refuse: (refused: ItemError) => Told,
): Promise<Told[]> {
  let roomBytes: number = apiLimits.batchAnswerBytesMax;
  return inSlices(keys, async (key) => {
    const request = getRequest(sources, { key, ...options });
    if (!request.ok) return refuse({ ok: false, key, error: request.error });
    const answer = await sources.machine.request(request.output, caller);
    roomBytes -= valueBytes(answer);
    return roomBytes < 0 ? refuse(noRoom(key)) : tell(request.output.ref, answer);
  });
}

function spliced(head: string, middle: JsonText, tail: string): JsonText {
  return typeof middle === 'string' ? head + middle + tail : joined([head, middle, tail]);
}

function joined(pieces: readonly JsonText[]): Buffer {
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}

/** The write is under the batch's id and its index, so that a retry of the batch is recognised item by item. */
function itemRequestId(requestId: string | undefined, index: number): { requestId?: string } {
  return requestId === undefined ? {} : { requestId: `${requestId}/${index}` };
}

export async function batchPut(
  sources: RequestSources,
  { items, requestId, ...options }: InputOf<'batch.put'>,
  caller: Caller,
): Promise<OutputOf<'batch.put'>> {
  const put = async (item: (typeof items)[number], index: number): Promise<Item<Written>> => {
    const bytes = encodeValue(item.value);
    if (!bytes.ok) return named(item.key, bytes);
    const input = { ...item, ...options, ...itemRequestId(requestId, index) };
    const request = putRequest(sources, input, bytes.output);
    if (!request.ok) return named(item.key, request);
    const { ref, expiresAt } = request.output;
    const answer = await sources.machine.request(request.output, caller);
    return named(item.key, writtenResult(sources.contexts, ref, { value: item.value, expiresAt }, answer));
  };
  return { results: await inSlices(items, put) };
}

export async function batchDelete(
  sources: RequestSources,
  { items, requestId, ...options }: InputOf<'batch.delete'>,
  caller: Caller,
): Promise<OutputOf<'batch.delete'>> {
  const remove = async (item: (typeof items)[number], index: number): Promise<Item<Deleted>> => {
    const request = deleteRequest(sources, { ...item, ...options, ...itemRequestId(requestId, index) });
    if (!request.ok) return named(item.key, request);
    const { ref } = request.output;
    return named(
      item.key,
      deletedResult(sources.contexts, ref, await sources.machine.request(request.output, caller)),
    );
  };
  return { results: await inSlices(items, remove) };
}

/** Begins `each` for all items in order, a slice of time in each turn; answers when all have ended. */
export async function inSlices<Input, Output>(
  items: readonly Input[],
  each: (item: Input, index: number) => Promise<Output>,
): Promise<Output[]> {
  const begun: Promise<Output>[] = [];
  let start = performance.now();
  for (const [index, item] of items.entries()) {
    if (performance.now() - start >= nodeLimits.batchSliceMs) {
      await new Promise((resolve) => setImmediate(resolve));
      start = performance.now();
    }
    const result = each(item, index);
    // `Promise.all` below tells of it; until then nobody else would have asked.
    result.catch(() => {});
    begun.push(result);
  }
  return Promise.all(begun);
}

function named<Output>(key: string, result: Result<Output>): Item<Output> {
  return result.ok ? { ok: true, key, output: result.output } : { ok: false, key, error: result.error };
}

function noRoom(key: string): ItemError {
  const bytesMax = apiLimits.batchAnswerBytesMax;
  const message = 'other values fill the answer; ask for it again';
  return {
    ok: false,
    key,
    error: failed('payload_too_large', message, { limit: 'batchAnswerBytesMax', bytesMax }),
  };
}

function valueBytes(answer: ClientAnswer): number {
  if (answer.kind !== 'read') return 0;
  let bytes = answer.winner?.value?.length ?? 0;
  for (const sibling of answer.siblings) bytes += sibling.value?.length ?? 0;
  return bytes;
}
