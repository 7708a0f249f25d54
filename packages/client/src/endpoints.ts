import { clientLimits } from './limits.ts';

/** One node's address and what this client has learned of it. */
interface Endpoint {
  readonly url: string;
  /** Attempts in a row that got no useful answer. */
  failures: number;
  /** Until then it is asked last. */
  restsUntilMs: number;
}

/**
 * Which node to ask next. Calls go round the nodes that answer; one that did not is asked last for a while that doubles
 * with each failure, but is still asked when nobody else answers: this client's memory may be the only thing down.
 */
export class Endpoints {
  readonly #endpoints: readonly Endpoint[];
  #next: number;

  /** `start` decides who is asked first, so that many clients do not all begin with the same node. */
  constructor(urls: readonly string[], start: number) {
    this.#endpoints = urls.map((url) => ({ url, failures: 0, restsUntilMs: 0 }));
    this.#next = start % Math.max(1, urls.length);
  }

  /** All endpoints in the order in which one call should try them. */
  inOrder(nowMs: number): string[] {
    const turned = [...this.#endpoints.slice(this.#next), ...this.#endpoints.slice(0, this.#next)];
    this.#next = (this.#next + 1) % this.#endpoints.length;
    const resting = turned.filter((each) => each.restsUntilMs > nowMs);
    resting.sort((a, b) => a.restsUntilMs - b.restsUntilMs);
    return [...turned.filter((each) => each.restsUntilMs <= nowMs), ...resting].map((each) => each.url);
  }

  answered(url: string): void {
    const endpoint = this.#find(url);
    endpoint.failures = 0;
    endpoint.restsUntilMs = 0;
  }

  failed(url: string, nowMs: number): void {
    const endpoint = this.#find(url);
    const restMs = clientLimits.restMsMin * 2 ** endpoint.failures;
    endpoint.failures++;
    endpoint.restsUntilMs = nowMs + Math.min(clientLimits.restMsMax, restMs);
  }

  #find(url: string): Endpoint {
    const endpoint = this.#endpoints.find((each) => each.url === url);
    if (endpoint === undefined) throw new Error('an endpoint that was not given');
    return endpoint;
  }
}
