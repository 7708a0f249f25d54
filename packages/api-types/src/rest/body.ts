import { type ApiError, failed, type Result } from '../errors.ts';
import { jsonTextProblem } from '../json/json-text.ts';
import { apiLimits } from '../limits.ts';
import type { RestBinding } from '../operation.ts';

/** Reading a JSON body: its media type, its text, its document. */

/** UTF-8 is the only encoding of JSON there is (RFC 8259 §8.1); some clients spell its name without the hyphen. */
const jsonType = /^application\/json(\s*;\s*charset="?utf-?8"?)?\s*$/i;
const formType = /^application\/x-www-form-urlencoded(\s*;\s*charset="?utf-?8"?)?\s*$/i;

/** Why a body of this type cannot be read, or null. Compressed bodies are refused: what they unpack to has no bound. */
export function mediaProblem(
  body: NonNullable<RestBinding['body']>,
  contentType: string | null | undefined,
  contentEncoding: string | null | undefined,
): ApiError | null {
  const encoding = contentEncoding ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    return failed('unsupported_media_type', 'the body must not be compressed');
  }
  const type = contentType ?? '';
  if (jsonType.test(type) || (body.formIsJson === true && formType.test(type))) return null;
  return failed('unsupported_media_type', 'the body must be application/json in UTF-8');
}

/** The object of named fields that a body's text holds. The parser's own message is not passed on: it quotes the body. */
export function readBody(
  body: NonNullable<RestBinding['body']>,
  text: string,
): Result<Record<string, unknown>> {
  if (text === '' && body.optional === true) return { ok: true, output: {} };
  const problem = jsonTextProblem(text, apiLimits.jsonDepthMax + body.levels);
  if (problem !== null) return invalidBody(problem);
  const parsed = parseJson(text);
  if (parsed === undefined) return invalidBody('not one JSON document');
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return invalidBody('a JSON object is needed');
  }
  for (const name of Object.keys(parsed)) {
    if (!body.fields.includes(name)) {
      return invalidBody(`unknown field; known here: ${body.fields.join(', ')}`);
    }
  }
  return { ok: true, output: parsed as Record<string, unknown> }; // An object that is no array.
}

/** The document, or undefined (which JSON cannot mean) when the text is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // SyntaxError is the only thing it throws on a text of bounded depth.
  }
}

function invalidBody(message: string): Result<never> {
  return {
    ok: false,
    error: failed('invalid_request', `body: ${message}`, { issues: [{ path: 'body', message }] }),
  };
}
