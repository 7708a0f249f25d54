import {
  answerHeaders,
  headerProblem,
  type Operation,
  type OperationId,
  operationOf,
  type ProcedureId,
  type RestParts,
  type Result,
  readInput,
  resultAnswer,
  splitTarget,
} from '@starling/api-types';
import type { LocalNodeService } from '../service/node-service.ts';
import { bodyText } from './body-text.ts';
import type { Exchange } from './exchange.ts';

/** What every route is given: the raw request target and the body's bytes, if it has one. */
export interface RouteCall {
  readonly exchange: Exchange;
  readonly target: string;
  readonly body: unknown;
}

/** The parts of a request that an operation reads its input from, once media type and conditions are judged. */
export function partsOf(operation: Operation, { exchange, target, body }: RouteCall): Result<RestParts> {
  const problem = exchange.problem() ?? headerProblem(operation, exchange.header, exchange.hasBody);
  if (problem !== null) return { ok: false, error: problem };
  const text = bodyText(body);
  if (!text.ok) return text;
  const { path, query } = splitTarget(target);
  const brace = operation.rest.path.indexOf('{');
  return {
    ok: true,
    output: { rest: brace < 0 ? null : path.slice(brace), query, header: exchange.header, body: text.output },
  };
}

/** A route that is served from the table alone: read the input, call the service, write the result. */
export function operationRoute(
  id: ProcedureId,
  service: LocalNodeService,
): (call: RouteCall) => Promise<void> {
  const operation = operationOf(id);
  return async (call) => {
    const { exchange } = call;
    const parts = partsOf(operation, call);
    const input = parts.ok ? readInput(id, parts.output) : parts;
    if (!input.ok) return exchange.fail(input.error);
    const info = { requestId: exchange.requestId };
    exchange.write(
      resultAnswer(id, await service.call(id, input.output, info, exchange.caller), exchange.requestId),
    );
  };
}

/** A route whose answer is a text that is made elsewhere. */
export function textRoute(
  id: OperationId,
  contentType: string,
  text: () => string | Promise<string>,
): (call: RouteCall) => Promise<void> {
  const operation = operationOf(id);
  return async (call) => {
    const { exchange } = call;
    const parts = partsOf(operation, call);
    const input = parts.ok ? readInput(id, parts.output) : parts;
    if (!input.ok) return exchange.fail(input.error);
    const headers = { ...answerHeaders, 'content-type': contentType, 'x-request-id': exchange.requestId };
    exchange.write({ status: 200, headers, body: await text() });
  };
}
