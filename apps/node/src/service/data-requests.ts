import { apiLimits, etagsIn, failed, type InputOf, type Result } from '@starling/api-types';
import {
  type CausalContext,
  type Condition,
  type DeleteRequest,
  type GetRequest,
  type KeyRef,
  keyRef,
  type Level,
  type ListRequest,
  type PutRequest,
} from '@starling/core';
import type { ContextTokens } from './context-tokens.ts';
import { decodeCursor } from './cursor.ts';
import type { MachinePort } from './machine-port.ts';

/** Turning validated inputs into the machine's requests: addresses, levels, contexts, deadlines. */

/** The table that REST and tRPC serve. Others come with their own routes. */
const table = 'default';

export interface RequestSources {
  readonly machine: MachinePort;
  readonly contexts: ContextTokens;
}

type Timed = { readonly timeoutMs?: number | undefined };
type Levelled = {
  readonly consistency?: 'one' | 'quorum' | 'all' | undefined;
  readonly explain?: boolean | undefined;
};

export function getRequest(
  { machine }: RequestSources,
  input: Levelled & Timed & { readonly key: string; readonly r?: number | undefined },
): Result<GetRequest> {
  const level = levelOf(machine, input.consistency, input.r, 'r');
  if (!level.ok) return level;
  return {
    ok: true,
    output: {
      kind: 'get',
      ref: keyRef(table, input.key),
      level: level.output,
      deadlineAt: deadline(machine, input),
      explain: input.explain === true,
    },
  };
}

/** What a write needs besides its key and value. */
export type WriteInput = Levelled &
  Timed & {
    readonly key: string;
    readonly context?: string | undefined;
    readonly requestId?: string | undefined;
    readonly w?: number | undefined;
    readonly ifMatch?: string | undefined;
    readonly ifNoneMatch?: '*' | undefined;
  };

/** `value` is compact UTF-8 JSON within the bound of a value. */
export function putRequest(
  sources: RequestSources,
  input: WriteInput & { readonly ttlSeconds?: number | undefined },
  value: Uint8Array,
): Result<PutRequest> {
  const common = writeCommon(sources, input);
  if (!common.ok) return common;
  const expiresAt =
    input.ttlSeconds === undefined ? 0 : Math.floor(sources.machine.now().wall) + input.ttlSeconds * 1000;
  return { ok: true, output: { kind: 'put', ...common.output, value, expiresAt } };
}

export function deleteRequest(sources: RequestSources, input: WriteInput): Result<DeleteRequest> {
  const common = writeCommon(sources, input);
  return common.ok ? { ok: true, output: { kind: 'delete', ...common.output } } : common;
}

/** `contested`: only keys with siblings to settle. */
export function listRequest(
  { machine }: RequestSources,
  input: InputOf<'data.list'>,
  contested = false,
): Result<ListRequest> {
  const after = input.cursor === undefined ? '' : decodeCursor(input.cursor);
  if (after === null) {
    return {
      ok: false,
      error: failed('invalid_request', 'cursor: not one this server gave', {
        issues: [{ path: 'cursor', message: 'not one this server gave' }],
      }),
    };
  }
  return {
    ok: true,
    output: {
      kind: 'list',
      table,
      prefix: input.prefix ?? '',
      after,
      limit: input.limit ?? apiLimits.listPageKeysDefault,
      contested,
      deadlineAt: deadline(machine, input),
    },
  };
}

const utf8 = new TextEncoder();

/**
 * The bytes a value is stored as, or a refusal when they are too many. They have memory of their own: a record that stays in
 * the cache keeps them, and with a small `Buffer` it would keep the whole pool that this was cut from.
 */
export function encodeValue(value: unknown): Result<Uint8Array> {
  const bytes = utf8.encode(JSON.stringify(value));
  if (bytes.length <= apiLimits.valueBytesMax) return { ok: true, output: bytes };
  return {
    ok: false,
    error: failed(
      'payload_too_large',
      `a value must not be longer than ${apiLimits.valueBytesMax} bytes of JSON`,
      { limit: 'valueBytesMax', bytesMax: apiLimits.valueBytesMax, bytes: bytes.length },
    ),
  };
}

type WriteCommon = Omit<DeleteRequest, 'kind'>;

function writeCommon(sources: RequestSources, input: WriteInput): Result<WriteCommon> {
  const level = levelOf(sources.machine, input.consistency, input.w, 'w');
  if (!level.ok) return level;
  if (input.context !== undefined && sources.machine.ring() === null) {
    return {
      ok: false,
      error: failed('not_ready', 'this node knows no ring yet, so it cannot read contexts'),
    };
  }
  const ref = keyRef(table, input.key);
  const context = contextOf(sources.contexts, ref, input.context);
  if (!context.ok) return context;
  return {
    ok: true,
    output: {
      ref,
      level: level.output,
      deadlineAt: deadline(sources.machine, input),
      explain: input.explain === true,
      context: context.output,
      requestId: input.requestId ?? null,
      condition: conditionOf(input),
    },
  };
}

function conditionOf({ ifMatch, ifNoneMatch }: WriteInput): Condition | null {
  if (ifNoneMatch !== undefined) return { kind: 'absent' };
  if (ifMatch === undefined) return null;
  const etags = etagsIn(ifMatch);
  return etags === null ? { kind: 'exists' } : { kind: 'match', etags };
}

function contextOf(
  contexts: ContextTokens,
  ref: KeyRef,
  token: string | undefined,
): Result<CausalContext | null> {
  if (token === undefined) return { ok: true, output: null };
  const context = contexts.decode(ref, token);
  if (context !== null) return { ok: true, output: context };
  return {
    ok: false,
    error: failed('invalid_context', 'context: damaged, or given for another key or another cluster'),
  };
}

const quorum: Result<Level> = { ok: true, output: 'quorum' };

/** More replicas than the ring keeps can never answer; to wait for fewer instead would break a promise silently. */
function levelOf(
  machine: MachinePort,
  consistency: 'one' | 'quorum' | 'all' | undefined,
  count: number | undefined,
  name: 'r' | 'w',
): Result<Level> {
  if (count === undefined) return consistency === undefined ? quorum : { ok: true, output: consistency };
  const replicas = machine.ring()?.doc.replicas ?? apiLimits.replicasMax;
  if (count <= replicas) return { ok: true, output: { count } };
  const message = `more than the ${replicas} replicas of each key`;
  return {
    ok: false,
    error: failed('invalid_request', `${name}: ${message}`, { issues: [{ path: name, message }] }),
  };
}

function deadline(machine: MachinePort, { timeoutMs }: Timed): number {
  return machine.now().mono + (timeoutMs ?? apiLimits.requestDeadlineMs);
}
