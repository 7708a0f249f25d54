import { type ApiErrorCode, type ErrorBody, errorStatus, operations } from '@starling/api-types';
import { nearHeader, patienceHeader, throughHeader } from '../call-context.ts';
import type { NodeDirectory } from './node-directory.ts';

/** One tRPC call of a page on its way to a node. */
export interface Call {
  /** Name of the procedure, such as `data.put`. */
  readonly path: string;
  /** The query of the address, with its question mark, or empty. */
  readonly search: string;
  readonly method: 'GET' | 'POST';
  readonly body: string | null;
  readonly headers: Headers;
}

export interface ForwardPorts {
  readonly directory: NodeDirectory;
  readonly fetch: typeof fetch;
  readonly newRequestId: () => string;
}

/** What a node allows itself when the caller does not say, in ms. */
const usualPatienceMs = 3000;
/** A node answers at its deadline; its answer needs this long to arrive, in ms. */
const graceMs = 1000;
/** Longest wait for one node, in ms: what the contract lets a caller ask for. */
const patienceMsMax = 60_000;

/** The connection was never made, so nothing can have happened. */
const neverConnected = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Hands a call to a node and its answer back. A node that cannot be reached is passed over; a write that was sent but
 * not answered is never sent again, because it may have happened: its outcome is unknown, and the page says so.
 */
export async function forward(call: Call, ports: ForwardPorts): Promise<Response> {
  const through = call.headers.get(throughHeader);
  const origins =
    through === null
      ? await ports.directory.candidates(call.headers.get(nearHeader))
      : [await ports.directory.find(through)].filter((origin) => origin !== null);
  const failures: string[] = [];
  for (const origin of origins) {
    const attempt = await tryNode(origin, call, ports);
    if (attempt instanceof Response) return attempt;
    failures.push(`${new URL(origin).host} ${attempt.reason}`);
    ports.directory.forget(origin);
    if (!attempt.mayRepeat) {
      const message = `${failures.join(', ')}: the write may have happened`;
      return refusal({
        code: 'deadline_exceeded',
        message,
        outcome: 'unknown',
        requestId: ports.newRequestId(),
      });
    }
  }
  const message =
    failures.length > 0
      ? `no node answered: ${failures.join(', ')}`
      : through === null
        ? 'no node is configured'
        : `no node named ${through} is known`;
  return refusal({ code: 'no_node_reachable', message, outcome: 'failed', requestId: ports.newRequestId() });
}

interface Failure {
  readonly reason: string;
  /** Nothing can have happened, or repeating does no harm. */
  readonly mayRepeat: boolean;
}

async function tryNode(target: string, call: Call, ports: ForwardPorts): Promise<Response | Failure> {
  try {
    const origin = pageOrigin(call.headers);
    const answer = await ports.fetch(`${target}/trpc/${call.path}${call.search}`, {
      method: call.method,
      headers: {
        accept: 'application/json',
        ...(origin === null ? {} : { origin }),
        ...only(call.headers, ['content-type']),
      },
      body: call.body,
      redirect: 'error',
      signal: AbortSignal.timeout(patienceOf(call.headers) + graceMs),
    });
    if (answer.ok && origin !== null && answer.headers.get('access-control-allow-origin') !== origin) {
      return foreign(origin, ports);
    }
    return new Response(answer.body, { status: answer.status, headers: answeredHeaders(answer.headers) });
  } catch (error) {
    const unsent = neverConnected.has(causeCode(error));
    return { reason: reasonOf(error), mayRepeat: unsent || !isWrite(call.path) };
  }
}

/**
 * A node answers a read of any page and leaves it to the browser to withhold the answer. Here the browser sees its own
 * origin, so this server withholds it: otherwise a name that was rebound to its address could read everything.
 */
function foreign(origin: string, ports: ForwardPorts): Response {
  const message = `the node does not know ${origin} as a console; its --console-origin says which it knows`;
  return refusal({ code: 'forbidden_origin', message, outcome: 'failed', requestId: ports.newRequestId() });
}

function isWrite(path: string): boolean {
  const operation = Object.entries(operations).find(([id]) => id === path)?.[1];
  // What the table does not know is treated as if it wrote.
  return operation?.kind !== 'query';
}

/**
 * The page's own origin goes along, and the node judges it as it does for its live stream: this server must not lend
 * its own good name to a foreign page. Browsers leave the origin out of a read from where the page came from.
 */
function pageOrigin(headers: Headers): string | null {
  const host = headers.get('host');
  const scheme = headers.get('x-forwarded-proto') ?? 'http';
  return headers.get('origin') ?? (host === null ? null : `${scheme}://${host}`);
}

function answeredHeaders(headers: Headers): Record<string, string> {
  return { ...only(headers, ['content-type', 'x-request-id', 'retry-after']), 'cache-control': 'no-store' };
}

function only(headers: Headers, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}

function patienceOf(headers: Headers): number {
  const asked = Number(headers.get(patienceHeader) ?? Number.NaN);
  return Number.isFinite(asked) && asked > 0 ? Math.min(asked, patienceMsMax) : usualPatienceMs;
}

function causeCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null;
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'did not answer in time';
  return causeCode(error) === 'ECONNREFUSED' ? 'refused the connection' : 'broke off';
}

/** An answer of this server itself, in the shape a node gives its errors through tRPC. */
export function refusal(error: ErrorBody): Response {
  const httpStatus = statusOf(error.code);
  const data = { code: httpStatus === 413 ? 'PAYLOAD_TOO_LARGE' : 'SERVICE_UNAVAILABLE', httpStatus, error };
  return Response.json({ error: { code: -32603, message: error.message, data } }, { status: httpStatus });
}

function statusOf(code: ApiErrorCode): number {
  return errorStatus[code];
}
