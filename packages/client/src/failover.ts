import {
  type ApiError,
  type CallInputOf,
  failed,
  type OutputOf,
  operationOf,
  type ProcedureId,
  type Result,
  unknownOutcome,
} from '@starling/api-types';
import { Endpoints } from './endpoints.ts';
import { clientLimits } from './limits.ts';
import { mayRetry, RetryBudget, shouldRest, waitMs } from './retry.ts';
import type { Attempt, Transport } from './transport.ts';

/** What the outside gives the loop; tests give their own. */
export interface FailoverParts {
  readonly endpoints: readonly string[];
  readonly transport: Transport;
  /** Milliseconds that never go back. */
  readonly nowMs: () => number;
  /** A number in [0, 1). */
  readonly fraction: () => number;
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  readonly freshId: () => string;
}

/** What a caller may say of one call. */
export interface CallOptions {
  /** Time for the call with all its attempts. Default: 10 s. */
  readonly timeoutMs?: number | undefined;
  /** Aborting it rejects the call with the signal's reason; a write may still have happened. */
  readonly signal?: AbortSignal | undefined;
  /** Name of this call for ever: give the same to repeat a write that was not answered. Default: a fresh one. */
  readonly requestId?: string | undefined;
}

/** A call's result, under which id it ran, and who answered last. */
export interface Answered<Output> {
  readonly result: Result<Output>;
  readonly requestId: string;
  readonly endpoint: string | null;
}

/** Calls any operation at whichever node can serve it. */
export class Failover {
  readonly #parts: FailoverParts;
  readonly #endpoints: Endpoints;
  readonly #budget = new RetryBudget();

  constructor(parts: FailoverParts) {
    if (parts.endpoints.length === 0) throw new TypeError('at least one endpoint is needed');
    this.#parts = parts;
    this.#endpoints = new Endpoints(parts.endpoints, Math.floor(parts.fraction() * parts.endpoints.length));
  }

  /** Runs one call to its end. Rejects only when `signal` is aborted. */
  async call<Id extends ProcedureId>(
    id: Id,
    input: CallInputOf<Id>,
    options: CallOptions = {},
  ): Promise<Answered<OutputOf<Id>>> {
    const requestId = options.requestId ?? this.#parts.freshId();
    const run: Run = {
      id,
      input: withRequestId(id, input, requestId),
      requestId,
      endsAtMs: this.#parts.nowMs() + (options.timeoutMs ?? clientLimits.timeoutMs),
      signal: options.signal,
    };
    const { result, endpoint } = await this.#run(run);
    // The output is what the node answered to this very operation.
    return { result: result as Result<OutputOf<Id>>, requestId, endpoint };
  }

  async #run(run: Run): Promise<{ result: Result<unknown>; endpoint: string | null }> {
    let last: { result: Result<unknown>; endpoint: string | null } = { result: outOfTime, endpoint: null };
    let isUnknown = false;
    let order: string[] = [];
    for (let attempt = 0; attempt < clientLimits.attemptsMax; attempt++) {
      if (order.length === 0) {
        order = this.#endpoints.inOrder(this.#parts.nowMs());
        if (attempt > 0) await this.#parts.sleep(this.#waitMs(run, attempt), run.signal);
      }
      if (this.#leftMs(run) <= 0) break;
      const endpoint = order.shift() ?? '';
      const result = await this.#attempt(run, endpoint);
      last = { result, endpoint };
      if (result.ok) break;
      isUnknown ||= result.error.outcome === 'unknown';
      if (!mayRetry(result.error, isRepeatable(run.id)) || !this.#budget.spend()) break;
    }
    // Of an earlier attempt of the same request id the majority that refused this one would have known.
    if (last.result.ok || !isUnknown || last.result.error.code === 'precondition_failed') return last;
    return { ...last, result: { ok: false, error: asUnknown(last.result.error) } };
  }

  async #attempt(run: Run, endpoint: string): Promise<Result<unknown>> {
    run.signal?.throwIfAborted();
    const limit = AbortSignal.timeout(Math.ceil(Math.min(clientLimits.attemptMs, this.#leftMs(run))));
    const signal = run.signal === undefined ? limit : AbortSignal.any([run.signal, limit]);
    const { requestId } = run;
    const attempt = await this.#parts.transport(endpoint, run.id, run.input, { requestId, signal });
    run.signal?.throwIfAborted();
    this.#learn(endpoint, attempt);
    return attempt.result;
  }

  #learn(endpoint: string, { result, reached }: Attempt): void {
    // A condition that does not hold was judged by a majority: the cluster is well.
    if (result.ok || result.error.code === 'precondition_failed') {
      this.#budget.earn();
      this.#endpoints.answered(endpoint);
    } else if (!reached || shouldRest(result.error)) this.#endpoints.failed(endpoint, this.#parts.nowMs());
    else this.#endpoints.answered(endpoint);
  }

  #leftMs({ endsAtMs }: Run): number {
    return endsAtMs - this.#parts.nowMs();
  }

  /** After every endpoint has been asked once, each further round waits longer. */
  #waitMs(run: Run, attempt: number): number {
    const round = Math.floor(attempt / this.#parts.endpoints.length) - 1;
    return Math.max(0, Math.min(this.#leftMs(run), waitMs(round, this.#parts.fraction())));
  }
}

interface Run {
  readonly id: ProcedureId;
  readonly input: unknown;
  readonly requestId: string;
  readonly endsAtMs: number;
  readonly signal: AbortSignal | undefined;
}

const outOfTime: Result<never> = {
  ok: false,
  error: failed('deadline_exceeded', 'there was no time for an attempt'),
};

/** Every attempt of a write carries the id, so that replicas recognise what they already hold. */
function withRequestId(id: ProcedureId, input: unknown, requestId: string): unknown {
  return takesRequestId(id) && typeof input === 'object' ? { ...input, requestId } : input;
}

/** Whether the operation's own contract has a field for the request id. */
function takesRequestId(id: ProcedureId): boolean {
  return operationOf(id).rest.headers?.['requestId'] !== undefined;
}

/** Whether a second effect would be recognised as the first one, or there is none. */
function isRepeatable(id: ProcedureId): boolean {
  return operationOf(id).kind === 'query' || takesRequestId(id);
}

/** The last attempt failed, but one before it may have had an effect: that is the truth about the call. */
function asUnknown(error: ApiError): ApiError {
  return error.outcome === 'unknown' ? error : unknownOutcome(error.code, error.message, error.details);
}
