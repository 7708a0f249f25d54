import { answerHeaders, operationOf, readInput } from '@starling/api-types';
import { batchGetJson } from '../service/batch.ts';
import type { LocalNodeService } from '../service/node-service.ts';
import { partsOf, type RouteCall } from './operation-route.ts';

const operation = operationOf('batch.get');

/** Reading many keys: as from the table, but for the answer, which may be 16 MiB and is put together of stored bytes. */
export function batchGetRoute(service: LocalNodeService): (call: RouteCall) => Promise<void> {
  return async (call) => {
    const { exchange } = call;
    const parts = partsOf(operation, call);
    const input = parts.ok ? readInput('batch.get', parts.output) : parts;
    if (!input.ok) return exchange.fail(input.error);
    const body = await batchGetJson(service, input.output, exchange.caller);
    exchange.write({ status: 200, headers: { ...answerHeaders, 'x-request-id': exchange.requestId }, body });
  };
}
