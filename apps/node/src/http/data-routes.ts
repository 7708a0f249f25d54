import {
  type InputOf,
  type JsonValue,
  keyOfPath,
  operationOf,
  type RestParts,
  type Result,
  readBody,
  readInput,
} from '@starling/api-types';
import type { PutRequest } from '@starling/core';
import { notFound, refusal, writeRefusal } from '../service/data-answers.ts';
import { entryJson, writtenJson } from '../service/data-json.ts';
import { encodeValue, getRequest, putRequest } from '../service/data-requests.ts';
import type { LocalNodeService } from '../service/node-service.ts';
import type { Exchange } from './exchange.ts';
import { partsOf, type RouteCall } from './operation-route.ts';

/**
 * GET and PUT of one key: the paths that must be lean. A request with nothing but a key (and a value) has only fields that
 * were judged while they were read, so it skips the schema; every other goes through it like any operation. A stored
 * value is sent as the bytes it is stored as. The contract tests run the same cases against both forms.
 */

const getOperation = operationOf('data.get');
const putOperation = operationOf('data.put');

export function getRoute(service: LocalNodeService): (call: RouteCall) => Promise<void> {
  const { machine, contexts } = service;
  return async (call) => {
    const { exchange } = call;
    const parts = partsOf(getOperation, call);
    const input = parts.ok ? getInput(parts.output) : parts;
    const request = input.ok ? getRequest(service, input.output) : input;
    if (!request.ok) return exchange.fail(request.error);
    const { ref } = request.output;
    const answer = await machine.request(request.output, exchange.caller);
    if (answer.kind !== 'read') return exchange.fail(refusal(answer).error);
    const { winner, etag } = answer;
    if (winner === null || winner.value === null) return exchange.fail(notFound(contexts, ref, answer));
    exchange.writeEntity(etag, entryJson(contexts, ref, winner, winner.value, answer));
  };
}

function getInput(parts: RestParts): Result<InputOf<'data.get'>> {
  if (parts.query !== null || parts.rest === null) return readInput('data.get', parts);
  const key = keyOfPath(parts.rest);
  return key.ok ? { ok: true, output: { key: key.output } } : key;
}

export function putRoute(service: LocalNodeService): (call: RouteCall) => Promise<void> {
  const { machine, contexts } = service;
  return async (call) => {
    const { exchange } = call;
    const parts = partsOf(putOperation, call);
    const input = parts.ok ? putInput(parts.output, exchange) : parts;
    const request = input.ok ? putRequestOf(service, input.output) : input;
    if (!request.ok) return exchange.fail(request.error);
    const answer = await machine.request(request.output, exchange.caller);
    if (answer.kind !== 'written')
      return exchange.fail(writeRefusal(contexts, request.output.ref, answer).error);
    exchange.writeEntity(answer.etag, writtenJson(contexts, request.output, answer));
  };
}

function putRequestOf(service: LocalNodeService, input: InputOf<'data.put'>): Result<PutRequest> {
  const bytes = encodeValue(input.value);
  return bytes.ok ? putRequest(service, input, bytes.output) : bytes;
}

function putInput(parts: RestParts, exchange: Exchange): Result<InputOf<'data.put'>> {
  const { body } = putOperation.rest;
  if (parts.query !== null || parts.rest === null || body === undefined || exchange.hasCondition)
    return readInput('data.put', parts);
  const fields = readBody(body, parts.body ?? '');
  if (!fields.ok) return fields;
  const { value, context, ttlSeconds } = fields.output;
  if (value === undefined || context !== undefined || ttlSeconds !== undefined)
    return readInput('data.put', parts);
  const key = keyOfPath(parts.rest);
  if (!key.ok) return key;
  // What came out of a JSON text that was judged is a `JsonValue`.
  const input = { key: key.output, value: value as JsonValue };
  const requestId = exchange.givenRequestId;
  return { ok: true, output: requestId === undefined ? input : { ...input, requestId } };
}
