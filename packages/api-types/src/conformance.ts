import { errorResponseSchema, errorStatus } from './errors.ts';
import type { Example } from './operation.ts';
import { type OperationId, operationIds, operationOf } from './operations/index.ts';
import { restCall } from './rest/call.ts';

/**
 * The contract's conformance suite: every example of the table, sent over REST to a server that claims to serve it. It
 * is shipped with the contract, so that every server is judged by the same.
 */

/** What one example came to; `problem` is null when all was as the table says. */
export interface Verdict {
  readonly id: OperationId;
  readonly example: string;
  readonly problem: string | null;
}

type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body: string | null },
) => Promise<Response>;

/** Runs the examples one after the other. `served` says which operations the server has. */
export async function checkExamples(
  base: string,
  fetch: Fetch,
  served: (id: OperationId) => boolean = () => true,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const id of operationIds.filter(served)) {
    for (const example of operationOf(id).examples) {
      // Reads and deletes show what a key holds, so it must hold something.
      await send('data.put', { name: 'before', input: { key: 'greeting', value: 'hello' } }, base, fetch);
      const problem = await judge(id, example, await send(id, example, base, fetch));
      verdicts.push({ id, example: example.name, problem });
    }
  }
  return verdicts;
}

function send(id: OperationId, { input }: Example, base: string, fetch: Fetch): Promise<Response> {
  const { method, target, headers, body } = restCall(id, input as never); // An example is its operation's own.
  return fetch(base + target, { method, headers: { ...headers }, body });
}

async function judge(id: OperationId, { error }: Example, response: Response): Promise<string | null> {
  const { rest, output } = operationOf(id);
  const status = error === undefined ? 200 : errorStatus[error];
  const text = await response.text();
  if (response.status !== status)
    return `status ${response.status} instead of ${status}: ${text.slice(0, 200)}`;
  if (!response.headers.get('x-request-id')) return 'no X-Request-Id';
  if (rest.wire === 'text') return null;
  const document: unknown = JSON.parse(text);
  if (error !== undefined) {
    const told = errorResponseSchema.safeParse(document);
    if (!told.success) return `not the error shape: ${told.error.message}`;
    return told.data.error.code === error ? null : `${told.data.error.code} instead of ${error}`;
  }
  const parsed = output.safeParse(document);
  if (!parsed.success) return `not the output of ${id}: ${parsed.error.message}`;
  return rest.etag === true && !/^"[^"]+"$/.test(response.headers.get('etag') ?? '') ? 'no ETag' : null;
}
