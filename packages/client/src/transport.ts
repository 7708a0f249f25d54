import {
  type ApiError,
  type AppRouter,
  errorResponseSchema,
  failed,
  operationOf,
  type ProcedureId,
  type Result,
  unknownOutcome,
} from '@starling/api-types';
import { createTRPCUntypedClient, httpLink, TRPCClientError } from '@trpc/client';

/** What came of one attempt at one endpoint. */
export interface Attempt {
  readonly result: Result<unknown>;
  /** The endpoint itself answered: whatever it said, it is there. */
  readonly reached: boolean;
}

/** Makes one attempt of a call at one endpoint. Never rejects. */
export type Transport = (
  url: string,
  id: ProcedureId,
  input: unknown,
  call: { readonly requestId: string; readonly signal: AbortSignal },
) => Promise<Attempt>;

/** The part of `fetch` that is used; the platform's own fits. */
export type Fetch = NonNullable<Parameters<typeof httpLink>[0]['fetch']>;

/** tRPC over HTTP. Queries are sent as POST: a batch of keys does not fit a URL. */
export function rpcTransport(fetch: Fetch | undefined): Transport {
  const clients = new Map<string, ReturnType<typeof clientOf>>();
  return async (url, id, input, { requestId, signal }) => {
    const client = clients.get(url) ?? clientOf(url, fetch);
    clients.set(url, client);
    const options = { signal, context: { requestId } };
    try {
      const isMutation = operationOf(id).kind === 'mutation';
      const output = await (isMutation
        ? client.mutation(id, input, options)
        : client.query(id, input, options));
      return { result: { ok: true, output }, reached: true };
    } catch (cause) {
      return attemptOf(cause, signal);
    }
  };
}

function clientOf(url: string, fetch: Fetch | undefined) {
  return createTRPCUntypedClient<AppRouter>({
    links: [
      httpLink({
        url: `${url}/trpc`,
        methodOverride: 'POST',
        ...(fetch === undefined ? {} : { fetch }),
        headers: ({ op }) => ({ 'x-request-id': String(op.context['requestId']) }),
      }),
    ],
  });
}

function attemptOf(cause: unknown, signal: AbortSignal): Attempt {
  const told = toldBy(cause);
  if (told !== null) return { result: { ok: false, error: told }, reached: true };
  if (signal.aborted) {
    const error = unknownOutcome('deadline_exceeded', 'no answer came in time');
    return { result: { ok: false, error }, reached: false };
  }
  const isUnsent = wasNeverSent(cause);
  const error = isUnsent
    ? failed('no_node_reachable', 'the node could not be connected to')
    : unknownOutcome('no_node_reachable', 'the connection to the node broke');
  return { result: { ok: false, error }, reached: false };
}

/** The contract's error in what tRPC throws: from a procedure, or from the edge before there was one. */
function toldBy(cause: unknown): ApiError | null {
  if (!(cause instanceof TRPCClientError)) return null;
  const data: { readonly error?: unknown } | null | undefined = cause.data;
  const fromProcedure = errorResponseSchema.safeParse({ error: data?.error });
  if (fromProcedure.success) return withoutId(fromProcedure.data.error);
  const fromEdge = errorResponseSchema.safeParse(cause.meta?.['responseJSON']);
  return fromEdge.success ? withoutId(fromEdge.data.error) : null;
}

function withoutId({ requestId: _, ...error }: ApiError & { readonly requestId: string }): ApiError {
  return error;
}

/** Failures to connect: the request cannot have reached anybody. Names are those of Node; browsers tell nothing. */
const connectFailures = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function wasNeverSent(cause: unknown): boolean {
  for (let error: unknown = cause, depth = 0; error instanceof Error && depth < 8; depth++) {
    const code: unknown = Reflect.get(error, 'code');
    if (typeof code === 'string' && connectFailures.has(code)) return true;
    error = error.cause;
  }
  return false;
}
