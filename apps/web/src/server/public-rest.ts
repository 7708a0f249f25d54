import {
  type ApiError,
  allowedMethods,
  answerHeaders,
  errorAnswer,
  failed,
  findRoute,
  headerProblem,
  type OperationId,
  openApiDocument,
  operationOf,
  type ProcedureId,
  type RestAnswer,
  type Result,
  readInput,
  requestIdOf,
  resultAnswer,
  splitTarget,
} from '@starling/api-types';
import type { StarlingClient } from '@starling/client';
import { readText } from './body.ts';

/**
 * The public REST routes on the console's own origin: the same table, validation, limits and error shape as a node's,
 * served by calling nodes through tRPC. Only operations of the table reach a node, and only nodes that were configured.
 */
export interface Gateway {
  /** Calls a node, and another where the first cannot serve. */
  readonly client: Pick<StarlingClient, 'call'>;
  readonly freshId: () => string;
}

/** Longer than the node's own deadline, so that its answer, which knows more, comes first. In ms. */
const graceMs = 1000;

/** Answers one request. Never rejects: what nobody foresaw is `internal`, and is told to `onFault`. */
export async function serveRest(
  gateway: Gateway,
  request: Request,
  onFault: (fault: unknown, requestId: string) => void,
): Promise<Response> {
  const given = request.headers.get('x-request-id');
  const requestId = requestIdOf(given, gateway.freshId);
  const id = requestId ?? gateway.freshId();
  try {
    if (requestId !== null) return responseTo(request, await answer(gateway, request, id));
    const error = failed('invalid_request', 'x-request-id: 1 to 128 visible ASCII characters');
    return responseTo(request, errorAnswer(error, id));
  } catch (fault) {
    if (!request.signal.aborted) onFault(fault, id);
    const error: ApiError = { code: 'internal', message: 'a fault of the server', outcome: 'unknown' };
    return responseTo(request, errorAnswer(error, id));
  }
}

function responseTo({ method }: Request, { status, headers, body }: RestAnswer): Response {
  const hasNoBody = method === 'HEAD' || status === 204;
  return new Response(hasNoBody ? null : body, { status, headers });
}

async function answer(gateway: Gateway, request: Request, requestId: string): Promise<RestAnswer> {
  const { path, query } = splitTarget(request.url);
  const route = findRoute(request.method, path);
  if (route.kind === 'wrongMethod') return answerMethod(request, path, requestId);
  if (route.kind === 'nothing' || !isServed(route.id)) {
    return errorAnswer(failed('no_such_route', 'there is nothing at this path'), requestId);
  }
  const { id, rest } = route;
  if (isForeign(request)) {
    return errorAnswer(
      failed('forbidden_origin', 'pages of this origin may not change anything here'),
      requestId,
    );
  }
  const input = await inputOf(id, request, rest, query);
  if (!input.ok) return errorAnswer(input.error, requestId);
  if (id === 'service.openapi') {
    return { status: 200, headers: { ...answerHeaders, 'x-request-id': requestId }, body: documentText() };
  }
  const timeoutMs = input.output['timeoutMs'];
  const { result } = await gateway.client.call(id, input.output as never, {
    requestId,
    signal: request.signal,
    ...(typeof timeoutMs === 'number' ? { timeoutMs: timeoutMs + graceMs } : {}),
  }); // The input was validated by this operation's own schema.
  return resultAnswer(id, result, requestId);
}

/** The operations that nodes serve over tRPC, and the document, which is made here. */
function isServed(id: OperationId): id is ProcedureId | 'service.openapi' {
  return operationOf(id).kind !== 'none' || id === 'service.openapi';
}

function answerMethod({ method }: Request, path: string, requestId: string): RestAnswer {
  const allow = allowedMethods(path) ?? '';
  if (method === 'OPTIONS') {
    return { status: 204, headers: { ...answerHeaders, allow, 'x-request-id': requestId }, body: '' };
  }
  return errorAnswer(failed('method_not_allowed', `this path has ${allow}`), requestId, { allow });
}

/** A page of another origin may change nothing: its browser sends the origin with every such request. */
function isForeign({ method, headers }: Request): boolean {
  const origin = headers.get('origin');
  if (method === 'GET' || method === 'HEAD' || origin === null) return false;
  return !URL.canParse(origin) || new URL(origin).host !== headers.get('host');
}

async function inputOf(
  id: OperationId,
  request: Request,
  rest: string | null,
  query: string | null,
): Promise<Result<Readonly<Record<string, unknown>>>> {
  const operation = operationOf(id);
  const header = (name: string) => request.headers.get(name);
  const length = header('content-length') ?? (request.body === null ? '0' : 'unknown');
  const problem = headerProblem(operation, header, length !== '0');
  if (problem !== null) return { ok: false, error: problem };
  const text = await readText(request.body, operation.rest.body?.bytesMax ?? 0);
  if (!text.ok) return text;
  const input = readInput(id, { rest, query, header, body: text.output });
  // Every operation that is served here takes an object.
  return input.ok ? { ok: true, output: input.output as Readonly<Record<string, unknown>> } : input;
}

let written: string | null = null;

function documentText(): string {
  written ??= JSON.stringify(openApiDocument());
  return written;
}
