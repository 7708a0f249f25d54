import { isUtf8 } from 'node:buffer';
import { type ApiError, failed, type Result } from '@starling/api-types';

const notUtf8: ApiError = failed('invalid_request', 'body: not UTF-8', {
  issues: [{ path: 'body', message: 'not UTF-8' }],
});

/** A body's text; refused where decoding would replace bytes, since two different bodies would become one. */
export function bodyText(body: unknown): Result<string | null> {
  if (body === undefined || body === null) return { ok: true, output: null };
  if (!Buffer.isBuffer(body)) throw new Error('a body is read as bytes');
  return isUtf8(body) ? { ok: true, output: body.toString() } : { ok: false, error: notUtf8 };
}
