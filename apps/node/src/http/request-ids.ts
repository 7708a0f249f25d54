import { randomBytes } from 'node:crypto';

/** Ids for requests that bring none: unique, in order within a process, and cheap. */
export class RequestIds {
  readonly #process = randomBytes(6).toString('hex');
  #next = 0;

  fresh(): string {
    this.#next++;
    return `${this.#process}-${this.#next.toString(36)}`;
  }
}
