import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type ApiError,
  answerHeaders,
  errorAnswer,
  failed,
  type RestAnswer,
  requestIdOf,
} from '@starling/api-types';
import type { Caller } from '../service/caller.ts';
import type { Origins } from './origins.ts';
import type { Outbox } from './outbox.ts';
import type { RequestIds } from './request-ids.ts';
import type { WaitingCallers } from './waiting-callers.ts';

/** What all exchanges of a server share. */
export interface ExchangeParts {
  readonly origins: Origins;
  readonly ids: RequestIds;
  readonly callers: WaitingCallers;
  readonly outbox: Outbox;
  /** Header fields of a request. */
  readonly headersMax: number;
}

/**
 * One request and its answer, written straight to the response: on the data path each layer between costs as much as a
 * read from memory.
 */
export class Exchange {
  readonly requestId: string;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #parts: ExchangeParts;
  readonly #badId: boolean;
  #caller: Caller | null = null;

  constructor(request: IncomingMessage, response: ServerResponse, parts: ExchangeParts) {
    this.#request = request;
    this.#response = response;
    this.#parts = parts;
    const given = request.headers['x-request-id'];
    const fresh = () => parts.ids.fresh();
    const id = requestIdOf(typeof given === 'string' ? given : null, fresh);
    this.#badId = id === null;
    this.requestId = id ?? fresh();
  }

  /** Header by its lower-case name. */
  readonly header = (name: string): string | undefined => {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };

  /** The caller's own id for this request; undefined when the server made one. */
  get givenRequestId(): string | undefined {
    return this.#request.headers['x-request-id'] === undefined ? undefined : this.requestId;
  }

  /** Whether the caller said on what condition it is to be done. */
  get hasCondition(): boolean {
    const { headers } = this.#request;
    return headers['if-match'] !== undefined || headers['if-none-match'] !== undefined;
  }

  /** Whoever waits for the answer; gone when the connection closes before it was written. */
  get caller(): Caller {
    this.#caller ??= this.#parts.callers.begin(this.#request.socket);
    return this.#caller;
  }

  /** What is wrong with the request whatever it asks for, or null. */
  problem(): ApiError | null {
    // Node drops the fields over its own bound without a word, and one of them might be a condition.
    if (this.#request.rawHeaders.length > 2 * this.#parts.headersMax) {
      return failed('headers_too_large', `more than ${this.#parts.headersMax} header fields`);
    }
    if (this.#badId) return failed('invalid_request', 'x-request-id: 1 to 128 visible ASCII characters');
    const repeated = repeatedHeader(this.#request.rawHeaders);
    if (repeated !== null) return failed('invalid_request', `${repeated}: given twice`);
    if (this.#request.headers.host === undefined && this.#request.httpVersionMinor > 0) {
      return failed('invalid_request', 'host: required in HTTP/1.1');
    }
    // Node's parser passes a body in another coding on as it came.
    const coding = this.#request.headers['transfer-encoding'];
    if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
      return failed('invalid_request', 'transfer-encoding: only chunked');
    }
    const { method } = this.#request;
    if (method !== 'GET' && method !== 'HEAD' && this.#parts.origins.isForeign(this.#request)) {
      return failed('forbidden_origin', 'pages of this origin may not change anything here');
    }
    return null;
  }

  /** Whether a body comes with the request. */
  get hasBody(): boolean {
    const { headers } = this.#request;
    return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
  }

  fail(error: ApiError, more?: Readonly<Record<string, string>>): void {
    this.write(errorAnswer(error, this.requestId, more));
  }

  write({ status, headers, body }: Omit<RestAnswer, 'body'> & { readonly body: string | Buffer }): void {
    this.send(status, { ...headers, ...this.#parts.origins.headersFor(this.#request) }, body);
  }

  /** Answers 200 with JSON text that carries an entity tag: the hot path. */
  writeEntity(etag: string, body: string | Buffer): void {
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    const headers = [
      ...entityHeaders,
      'etag',
      etag,
      'x-request-id',
      this.requestId,
      'content-length',
      `${length}`,
    ];
    if (this.#request.headers.origin !== undefined) {
      for (const [name, value] of Object.entries(this.#parts.origins.headersFor(this.#request)))
        headers.push(name, value);
    }
    this.#done();
    this.#response.writeHead(200, headers);
    this.#parts.outbox.end(this.#response, body);
  }

  send(status: number, headers: Readonly<Record<string, string>>, body: string | Buffer): void {
    this.#done();
    if (this.#response.headersSent) return;
    this.#response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    this.#response.end(body);
  }

  #done(): void {
    if (this.#caller !== null) this.#parts.callers.done(this.#request.socket, this.#caller);
  }
}

const entityHeaders: readonly string[] = Object.entries(answerHeaders).flat();

/** Headers of which Node keeps the first of two, while a proxy in front may have judged the other. */
const singular = new Set([
  'host',
  'authorization',
  'content-type',
  'content-encoding',
  'x-request-id',
  'origin',
  'if-match',
  'if-none-match',
]);

function repeatedHeader(rawHeaders: readonly string[]): string | null {
  let seen = 0;
  let names: string[] | null = null;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const raw = rawHeaders[i] ?? '';
    if (!lengths[raw.length]) continue;
    const name = raw.toLowerCase();
    if (!singular.has(name)) continue;
    if (seen++ === 0) names = [name];
    else if (names?.includes(name)) return name;
    else names?.push(name);
  }
  return null;
}

/** Lengths that a singular header's name can have: most others are passed over without a look. */
const lengths: readonly boolean[] = Array.from({ length: 64 }, (_, length) =>
  [...singular].some((name) => name.length === length),
);
