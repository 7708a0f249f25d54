import {
  initTRPC,
  type TRPC_ERROR_CODE_KEY,
  type TRPCDefaultErrorShape,
  TRPCError,
  type TRPCMutationProcedure,
  type TRPCQueryProcedure,
} from '@trpc/server';
import { type ApiError, type ErrorBody, errorStatus, failed } from './errors.ts';
import { invalidInput } from './invalid.ts';
import {
  type CallInputOf,
  type Operations,
  type OutputOf,
  operationIds,
  operationOf,
  type ProcedureId,
} from './operations/index.ts';
import type { CallInfo, NodeService } from './service.ts';

/** What every procedure is given besides its input. */
export interface RouterContext {
  readonly service: NodeService;
  readonly info: CallInfo;
}

/** The error of a procedure: tRPC's own shape with ours inside, so a client sees one error wherever it comes from. */
export interface RouterErrorShape extends TRPCDefaultErrorShape {
  readonly data: {
    readonly code: TRPC_ERROR_CODE_KEY;
    readonly httpStatus: number;
    readonly error: ErrorBody;
  };
}

type ProcedureOf<Id extends ProcedureId> = Operations[Id]['kind'] extends 'mutation'
  ? TRPCMutationProcedure<{ meta: object; input: CallInputOf<Id>; output: OutputOf<Id> }>
  : TRPCQueryProcedure<{ meta: object; input: CallInputOf<Id>; output: OutputOf<Id> }>;

type GroupOf<Id extends string> = Id extends `${infer Group}.${string}` ? Group : never;

/** `data.put` becomes `{ data: { put } }`. */
type RouterRecord = {
  [Group in GroupOf<ProcedureId>]: {
    [Id in ProcedureId as Id extends `${Group}.${infer Name}` ? Name : never]: ProcedureOf<Id>;
  };
};

/** Carries an operating error through tRPC, which knows only exceptions. */
class OperatingError extends TRPCError {
  readonly error: ApiError;

  constructor(error: ApiError) {
    super({ code: rpcCode(errorStatus[error.code]), message: error.message });
    this.error = error;
  }
}

const t = initTRPC.context<RouterContext>().create({
  // Left to itself tRPC sends stack traces unless NODE_ENV is `production`.
  isDev: false,
  errorFormatter({ shape, error, ctx }): RouterErrorShape {
    const told = error instanceof OperatingError ? error.error : edgeError(error);
    return {
      code: shape.code,
      message: told.message,
      data: {
        code: error.code,
        httpStatus: errorStatus[told.code],
        error: { ...told, requestId: ctx?.info.requestId ?? '' },
      },
    };
  },
});

/** What tRPC itself refuses: a bad path, a wrong method, a body that is no JSON. Anything else is a bug, and says nothing. */
function edgeError(error: TRPCError): ApiError {
  switch (error.code) {
    case 'NOT_FOUND':
      return failed('no_such_route', 'no such procedure');
    case 'METHOD_NOT_SUPPORTED':
      return failed('method_not_allowed', 'queries are GET, mutations are POST');
    case 'UNSUPPORTED_MEDIA_TYPE':
      return failed('unsupported_media_type', 'the body must be JSON');
    case 'PAYLOAD_TOO_LARGE':
      return failed('payload_too_large', 'the request is over its bound');
    case 'BAD_REQUEST':
    case 'PARSE_ERROR':
      return failed('invalid_request', 'the request cannot be read');
    default:
      return { code: 'internal', message: 'a fault of the server', outcome: 'unknown' };
  }
}

const rpcCodes: Readonly<Record<number, TRPC_ERROR_CODE_KEY>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_SUPPORTED',
  408: 'TIMEOUT',
  409: 'CONFLICT',
  412: 'PRECONDITION_FAILED',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'TOO_MANY_REQUESTS',
  500: 'INTERNAL_SERVER_ERROR',
  503: 'SERVICE_UNAVAILABLE',
  504: 'GATEWAY_TIMEOUT',
};

/** tRPC's nearest word for an HTTP status; `data.httpStatus` and `data.error.code` stay exact. */
function rpcCode(status: number): TRPC_ERROR_CODE_KEY {
  return rpcCodes[status] ?? (status < 500 ? 'BAD_REQUEST' : 'SERVICE_UNAVAILABLE');
}

function procedureOf(id: ProcedureId) {
  const operation = operationOf(id);
  const run = async ({
    ctx,
    input,
    signal,
  }: {
    ctx: RouterContext;
    input: unknown;
    signal?: AbortSignal | undefined;
  }) => {
    const parsed = operation.input.safeParse(input);
    if (!parsed.success) throw new OperatingError(invalidInput(parsed.error));
    // The schema above is this operation's own, which the compiler cannot follow through the table.
    const result = await ctx.service.call(id, parsed.data as never, { ...ctx.info, signal });
    if (!result.ok) throw new OperatingError(result.error);
    return result.output;
  };
  // Judged in `run`: an error thrown by a tRPC input parser would lose its own code on the way out.
  const procedure = t.procedure.input((raw: unknown) => raw);
  return operation.kind === 'mutation' ? procedure.mutation(run) : procedure.query(run);
}

function isProcedure(id: (typeof operationIds)[number]): id is ProcedureId {
  return operationOf(id).kind !== 'none';
}

function buildRecord(): RouterRecord {
  const groups: Record<string, Record<string, unknown>> = {};
  for (const id of operationIds.filter(isProcedure)) {
    const [group = '', name = ''] = id.split('.');
    groups[group] = { ...groups[group], [name]: procedureOf(id) };
  }
  return groups as RouterRecord; // The loop above builds exactly what the mapped type says.
}

/** The tRPC router of a node, built from the operation table. */
export const appRouter = t.router(buildRecord());

/** Type of a node's router: all that a typed client needs. */
export type AppRouter = typeof appRouter;
