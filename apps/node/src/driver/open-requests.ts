import type { ClientAnswer, ClientRequest, DbError } from '@starling/core';
import { InFlight } from '@starling/core/base/in-flight.ts';

interface OpenRequest {
  readonly kind: ClientRequest['kind'];
  readonly startedMs: number;
  readonly resolve: (answer: ClientAnswer) => void;
}

type OnAnswer = (kind: ClientRequest['kind'], answer: ClientAnswer, ms: number) => void;

/** Clients' requests that the machine has and has not answered. Its size is bounded by the machine's own admission. */
export class OpenRequests {
  #nextId = 1;
  readonly #open = new InFlight<OpenRequest>();
  readonly #onAnswer: OnAnswer;

  constructor(onAnswer: OnAnswer) {
    this.#onAnswer = onAnswer;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Notes a request; `resolve` is called once, by one of the methods below. */
  add(kind: ClientRequest['kind'], startedMs: number, resolve: (answer: ClientAnswer) => void): number {
    const id = this.#nextId++;
    this.#open.add(id, { kind, startedMs, resolve });
    return id;
  }

  answer(id: number, answer: ClientAnswer, nowMs: number): void {
    const request = this.#open.take(id);
    if (request === undefined) return;
    this.#onAnswer(request.kind, answer, nowMs - request.startedMs);
    request.resolve(answer);
  }

  /** The caller has gone; true if it was still waiting. What becomes of its write is not known to anybody. */
  abandon(id: number): boolean {
    const request = this.#open.take(id);
    if (request === undefined) return false;
    request.resolve(
      failure({
        code: 'quorum_unavailable',
        outcome: 'unknown',
        message: 'the caller left before the answer',
      }),
    );
    return true;
  }

  /** The machine was lost: a read had no effect, a write may have been stored here or elsewhere. */
  lose(message: string, nowMs: number): void {
    for (const [id, { kind }] of this.#open.entries()) {
      const outcome = kind === 'put' || kind === 'delete' ? 'unknown' : 'failed';
      this.answer(id, failure({ code: 'storage_failed', outcome, message }), nowMs);
    }
  }
}

export function failure(error: DbError): ClientAnswer {
  return { kind: 'error', error, explain: null };
}
