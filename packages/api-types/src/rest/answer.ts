import { type ApiError, errorStatus, type Result } from '../errors.ts';
import { type OperationId, operationOf } from '../operations/index.ts';

/** An HTTP answer, ready to be written. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sent with every answer: no cache may keep it, and no browser may take JSON for anything else. */
export const answerHeaders: Readonly<Record<string, string>> = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** Seconds after which a node that was full, or not ready, is worth asking again. */
const retryAfterSeconds = '1';

/** The answer to an error. `more` adds headers, as `Allow`. */
export function errorAnswer(
  error: ApiError,
  requestId: string,
  more: Readonly<Record<string, string>> = {},
): RestAnswer {
  const status = errorStatus[error.code];
  const again: Record<string, string> =
    status === 429 || status === 503 ? { 'retry-after': retryAfterSeconds } : {};
  return {
    status,
    headers: { ...answerHeaders, 'x-request-id': requestId, ...again, ...entityTagOf(error), ...more },
    body: JSON.stringify({ error: { ...error, requestId } }),
  };
}

/** A write whose condition does not hold is told the tag of what there is. */
function entityTagOf({ code, details }: ApiError): Record<string, string> {
  const etag = details?.['etag'];
  return code === 'precondition_failed' && typeof etag === 'string' ? { etag } : {};
}

/** The answer to an operation's result. */
export function resultAnswer(id: OperationId, result: Result<unknown>, requestId: string): RestAnswer {
  if (!result.ok) return errorAnswer(result.error, requestId);
  const headers: Record<string, string> = { ...answerHeaders, 'x-request-id': requestId };
  if (operationOf(id).rest.etag === true) headers['etag'] = etagIn(result.output);
  return { status: 200, headers, body: JSON.stringify(result.output) };
}

/** Entity tag that an output carries; the table says which outputs do. */
function etagIn(output: unknown): string {
  const { etag } = output as { readonly etag: string };
  return etag;
}
