import type { ServerResponse } from 'node:http';

/**
 * Answers that are ready to be sent. What comes up in one turn of the event loop is worked out first and written then, one
 * right after the other: a write to a connection whose other end sleeps has to wake it, and a client of many connections
 * that is kept awake is woken once instead of each time.
 */
export class Outbox {
  #ready: { readonly response: ServerResponse; readonly body: string | Buffer }[] = [];

  /** Ends `response`, whose head is set, once everything that runs now has run. */
  end(response: ServerResponse, body: string | Buffer): void {
    if (this.#ready.length === 0) process.nextTick(() => this.#flush());
    this.#ready.push({ response, body });
  }

  #flush(): void {
    const ready = this.#ready;
    this.#ready = [];
    for (const { response, body } of ready) response.end(body);
  }
}
