import { type ApiError, failed, type Result } from '../errors.ts';
import { isRequestId } from '../fields.ts';
import { invalidInput } from '../invalid.ts';
import type { Operation, RestBinding } from '../operation.ts';
import { type InputOf, type OperationId, operationOf } from '../operations/index.ts';
import { mediaProblem, readBody } from './body.ts';
import { readQuery } from './query.ts';
import { pathField } from './route.ts';
import { keyOfPath, percentDecode } from './target.ts';

/** The parts of an HTTP request that an operation's input is made of. */
export interface RestParts {
  /** What the braces of the path stand for, still encoded; null where it has none. */
  readonly rest: string | null;
  readonly query: string | null;
  /** Value of a header by its lower-case name. */
  readonly header: (name: string) => string | null | undefined;
  /** Decoded text of the body; null when the request has none. */
  readonly body: string | null;
}

/** Gathers an operation's input from its places and validates it. */
export function readInput<Id extends OperationId>(id: Id, parts: RestParts): Result<InputOf<Id>> {
  const gathered = gather(id, parts);
  if (!gathered.ok) return gathered;
  const parsed = operationOf(id).input.safeParse(gathered.output);
  // The schema is the operation's own, which the compiler cannot follow through the table.
  if (parsed.success) return { ok: true, output: parsed.data as InputOf<Id> };
  return { ok: false, error: invalidInput(parsed.error) };
}

function gather(id: OperationId, parts: RestParts): Result<Record<string, unknown>> {
  const { rest } = operationOf(id);
  const query = readQuery(rest.query, parts.query);
  if (!query.ok) return query;
  const body = readBodyPart(rest.body, parts.body);
  if (!body.ok) return body;
  const input: Record<string, unknown> = { ...query.output };
  for (const [name, value] of Object.entries(body.output)) {
    if (Object.hasOwn(input, name) && input[name] !== value) {
      return { ok: false, error: failed('invalid_request', `${name}: given twice, and not the same`) };
    }
    input[name] = value;
  }
  for (const [name, header] of Object.entries(rest.headers ?? {})) {
    const value = parts.header(header);
    if (value !== null && value !== undefined) input[name] = value;
  }
  if (parts.rest !== null) {
    const name = pathField(rest.path) ?? 'key';
    const value = name === 'key' ? keyOfPath(parts.rest) : textOfPath(name, parts.rest);
    if (!value.ok) return value;
    input[name] = value.output;
  }
  return { ok: true, output: input };
}

function textOfPath(name: string, rest: string): Result<string> {
  const text = percentDecode(rest);
  if (text !== null) return { ok: true, output: text };
  return { ok: false, error: failed('invalid_request', `${name}: not percent-encoded UTF-8`) };
}

function readBodyPart(
  binding: ReturnType<typeof operationOf>['rest']['body'],
  text: string | null,
): Result<Record<string, unknown>> {
  if (binding !== undefined) return readBody(binding, text ?? '');
  if (text === null || text === '') return { ok: true, output: {} };
  return { ok: false, error: failed('invalid_request', 'body: this operation takes none') };
}

/** The caller's request id, one of the server's own where it gave none, or null for one that is not well formed. */
export function requestIdOf(header: string | null | undefined, fresh: () => string): string | null {
  if (header === null || header === undefined) return fresh();
  return isRequestId(header) ? header : null;
}

type Header = (name: string) => string | null | undefined;

/** Why a request's headers do not fit its operation, or null: a condition, a body where none is taken, a media type. */
export function headerProblem({ rest }: Operation, header: Header, hasBody: boolean): ApiError | null {
  const condition = conditionProblem(rest, header);
  if (condition !== null) return condition;
  if (!hasBody) return null;
  if (rest.body === undefined) return failed('invalid_request', 'body: this operation takes none');
  return mediaProblem(rest.body, header('content-type'), header('content-encoding'));
}

const conditions = ['if-match', 'if-none-match', 'if-unmodified-since'];

/**
 * Why a request's condition cannot be met, or null. A condition that is ignored would turn "only if unchanged" into
 * "in any case", so a write with one that its operation does not take is refused.
 */
export function conditionProblem({ method, headers = {} }: RestBinding, header: Header): ApiError | null {
  if (method === 'GET') return null;
  const taken = Object.values(headers);
  const given = conditions.find((name) => {
    const value = header(name);
    return value !== null && value !== undefined && !taken.includes(name);
  });
  return given === undefined ? null : failed('invalid_request', `${given}: not a condition of this request`);
}
