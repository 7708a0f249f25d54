import type { IncomingMessage } from 'node:http';

/**
 * Which browser pages may use a node. A page of another origin can neither read an answer (no CORS headers) nor
 * change anything (refused). Requests that no browser sent have no `Origin` and are not concerned.
 */
export class Origins {
  readonly #allowed: ReadonlySet<string>;

  /** `allowed`: origins as browsers write them, `http://localhost:3000`. */
  constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed);
  }

  /** Whether the request comes from a page that may not use this node. */
  isForeign(request: IncomingMessage): boolean {
    const { origin } = request.headers;
    return origin !== undefined && !this.#allowed.has(origin);
  }

  /** Headers that let an allowed page read the answer; none for everybody else. */
  headersFor(request: IncomingMessage): Readonly<Record<string, string>> {
    const { origin } = request.headers;
    if (origin === undefined) return noHeaders;
    if (!this.#allowed.has(origin)) return { vary: 'Origin' };
    return {
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'ETag, X-Request-Id, Retry-After, Allow',
      vary: 'Origin',
    };
  }

  /** Further headers for the answer to an OPTIONS request of an allowed page. */
  preflight(request: IncomingMessage, allow: string): Readonly<Record<string, string>> {
    const headers = this.headersFor(request);
    if (headers['access-control-allow-origin'] === undefined) return headers;
    return {
      ...headers,
      'access-control-allow-methods': allow,
      'access-control-allow-headers': 'Content-Type, X-Request-Id, If-Match, If-None-Match',
      'access-control-max-age': '600',
    };
  }
}

const noHeaders: Readonly<Record<string, string>> = {};
