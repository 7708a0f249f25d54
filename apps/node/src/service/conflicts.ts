import { apiLimits, type Conflict, type Conflicts, type InputOf, type Result } from '@starling/api-types';
import type { ReadResult, VisibleSibling } from '@starling/core';
import { inSlices } from './batch.ts';
import type { Caller } from './caller.ts';
import { encodeCursor } from './cursor.ts';
import { refusal, siblingRest } from './data-answers.ts';
import { getRequest, listRequest, type RequestSources } from './data-requests.ts';

/**
 * One page of open conflicts. The index names keys that were contested when a replica last looked; what is shown is
 * what a quorum holds of each now, so one that has been settled meanwhile is left out.
 */
export async function conflictsPage(
  sources: RequestSources,
  { limit = apiLimits.conflictsPageMax, ...input }: InputOf<'causality.conflicts'>,
  caller: Caller,
): Promise<Result<Conflicts>> {
  const request = listRequest(sources, { ...input, limit }, true);
  if (!request.ok) return request;
  const page = await sources.machine.request(request.output, caller);
  if (page.kind !== 'listed') return refusal(page);
  const found = await inSlices(page.keys, (key) =>
    conflictOf(sources, key, { timeoutMs: input.timeoutMs }, caller),
  );
  const conflicts: Conflict[] = [];
  for (const each of found) {
    if (!each.ok) return each;
    if (each.output !== null) conflicts.push(each.output);
  }
  return { ok: true, output: { conflicts, cursor: page.next === null ? null : encodeCursor(page.next) } };
}

/** What a quorum holds of the key; null if that is no conflict, or none any more. */
async function conflictOf(
  sources: RequestSources,
  key: string,
  options: { readonly timeoutMs?: number | undefined },
  caller: Caller,
): Promise<Result<Conflict | null>> {
  const request = getRequest(sources, { key, ...options });
  if (!request.ok) return request;
  const { ref } = request.output;
  const answer = await sources.machine.request(request.output, caller);
  if (answer.kind !== 'read') return refusal(answer);
  const values = valuesOf(answer);
  const deleted = answer.winner?.value == null;
  if (values.length < (deleted ? 1 : 2)) return { ok: true, output: null };
  const context = sources.contexts.encode(ref, answer.context);
  return { ok: true, output: { key, deleted, values, context, etag: answer.etag } };
}

function valuesOf({ winner, siblings }: ReadResult): Conflict['values'] {
  const all: VisibleSibling[] = winner === null ? [...siblings] : [winner, ...siblings];
  return all.flatMap((sibling) =>
    sibling.value === null ? [] : [{ ...siblingRest(sibling), bytes: sibling.value.length }],
  );
}
