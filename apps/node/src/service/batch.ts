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
import type { ClientAnswer } from '@starling/core';
import { nodeLimits } from '../limits.ts';
import type { Caller } from './caller.ts';
import { deletedResult, entryResult, writtenResult } from './data-answers.ts';
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
  let roomBytes: number = apiLimits.batchAnswerBytesMax;
  const take = async (key: string): Promise<Item<Entry>> => {
    const request = getRequest(sources, { key, ...options });
    if (!request.ok) return named(key, request);
    const answer = await sources.machine.request(request.output, caller);
    roomBytes -= valueBytes(answer);
    return roomBytes < 0
      ? noRoom(key)
      : named(key, entryResult(sources.contexts, request.output.ref, answer));
  };
  return { results: await inSlices(keys, take) };
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
