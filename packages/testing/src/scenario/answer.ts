import type { DbError, ErrorCode } from '@starling/core/base/errors.ts';
import type { CausalContext, Explain, ReadResult, WriteResult } from '@starling/core/coordinator/request.ts';
import type { CallEnd } from '../sim/world.ts';
import { type Json, textOf, toText } from './json.ts';
import type { Story } from './story.ts';

/**
 * How a request ended. `lost`: the node died with the connection open; `refused`: nobody was listening; `silent`: no
 * answer came although the deadline has passed, which no node may ever do.
 */
export type Ending = 'ok' | 'failed' | 'unknown' | 'lost' | 'refused' | 'silent';

export interface AnswerParts {
  readonly story: Story;
  /** The request in words. */
  readonly what: string;
  /** Lets virtual time pass until `done` holds or the request's deadline has passed. */
  readonly wait: (done: () => boolean) => void;
}

/**
 * The answer to a request that is on its way. Nothing waits for it until something is asked of it, so requests can
 * overlap: time passes at the first `expect`.
 */
export class Answer {
  readonly #parts: AnswerParts;
  #end: CallEnd | null = null;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
  }

  /** Called by the cluster when the request ends. */
  arrived(end: CallEnd): void {
    this.#end = end;
    this.#parts.story.tell(`${this.#parts.what}: ${this.#words()}`);
  }

  /** Whether it has come yet; lets no time pass. */
  get isThere(): boolean {
    return this.#end !== null;
  }

  /** The request ends so, and with this error code if one is given. */
  expect(ending: Ending, code?: ErrorCode): this {
    this.#wait();
    const found = this.#ending();
    const fits = found === ending && (code === undefined || this.#error()?.code === code);
    this.#parts.story.expect(
      fits,
      () =>
        `${this.#parts.what} should end ${ending}${code === undefined ? '' : ` (${code})`}, but: ${this.#words()}`,
    );
    return this;
  }

  /** The request ends in one of these ways: where the protocol leaves it open. */
  expectOneOf(...endings: Ending[]): this {
    this.#wait();
    this.#parts.story.expect(
      endings.includes(this.#ending()),
      () => `${this.#parts.what} should end ${endings.join(' or ')}, but: ${this.#words()}`,
    );
    return this;
  }

  /** A read answers with this value, and with no other beside it. */
  toBe(value: Json): this {
    return this.toShow(value);
  }

  /** A read answers with `winner`, and beside it with these, in whatever order. */
  toShow(winner: Json, ...beside: Json[]): this {
    const read = this.read();
    const shown = read.winner?.value ?? null;
    const others = read.siblings.map(({ value }) => (value === null ? 'a tombstone' : textOf(value)));
    const fits =
      shown !== null &&
      textOf(shown) === toText(winner) &&
      [...others].sort().join() === beside.map(toText).sort().join();
    this.#parts.story.expect(
      fits,
      () =>
        `${this.#parts.what} should show ${[winner, ...beside].map(toText).join(' beside ')}, but: ${this.#words()}`,
    );
    return this;
  }

  /** A read finds no value. */
  toBeNotFound(): this {
    this.#parts.story.expect(
      this.read().winner === null,
      () => `${this.#parts.what} should find nothing, but: ${this.#words()}`,
    );
    return this;
  }

  /** The answer to a read. */
  read(): ReadResult {
    this.expect('ok');
    const end = this.#end;
    if (end === null || typeof end === 'string' || end.kind !== 'read')
      return this.#parts.story.fail(`${this.#parts.what} is no read`);
    return end;
  }

  /** A conditional write was refused: nothing was written, and this is what it found. */
  unmet(): ReadResult {
    this.expect('ok');
    const end = this.#end;
    if (end === null || typeof end === 'string' || end.kind !== 'unmet')
      return this.#parts.story.fail(`${this.#parts.what} was not refused: ${this.#words()}`);
    return end.found;
  }

  /** Whether it ended as a write that was done. */
  get isWritten(): boolean {
    const end = this.#end;
    return end !== null && typeof end !== 'string' && end.kind === 'written';
  }

  /** The answer to a write. */
  written(): WriteResult {
    this.expect('ok');
    const end = this.#end;
    if (end === null || typeof end === 'string' || end.kind !== 'written')
      return this.#parts.story.fail(`${this.#parts.what} is no write`);
    return end;
  }

  /** What the client has seen after this answer: what it sends along to say so. */
  get context(): CausalContext {
    this.expect('ok');
    const end = this.#end;
    if (end === null || typeof end === 'string' || end.kind === 'error' || end.kind === 'listed')
      return this.#parts.story.fail(`${this.#parts.what} carries no context`);
    return end.kind === 'unmet' ? end.found.context : end.context;
  }

  /** The entity tag of the value this answer is about. */
  get etag(): string {
    this.expect('ok');
    const end = this.#end;
    if (end === null || typeof end === 'string' || end.kind === 'error' || end.kind === 'listed')
      return this.#parts.story.fail(`${this.#parts.what} carries no entity tag`);
    return end.kind === 'unmet' ? end.found.etag : end.etag;
  }

  /** The keys on a page. */
  get keys(): readonly string[] {
    this.expect('ok');
    const end = this.#end;
    if (end === null || typeof end === 'string' || end.kind !== 'listed')
      return this.#parts.story.fail(`${this.#parts.what} is no listing`);
    return end.keys;
  }

  /** The error it ended with. */
  get error(): DbError {
    this.#wait();
    return this.#error() ?? this.#parts.story.fail(`${this.#parts.what} is no error: ${this.#words()}`);
  }

  /** What each replica was asked and said, whatever the ending. */
  get explain(): Explain {
    this.#wait();
    const end = this.#end;
    if (end === null || typeof end === 'string' || end.kind === 'listed' || end.explain === null)
      return this.#parts.story.fail(`${this.#parts.what} explains nothing`);
    return end.explain;
  }

  #wait(): void {
    if (this.#end === null) this.#parts.wait(() => this.#end !== null);
  }

  #ending(): Ending {
    const end = this.#end;
    if (end === null) return 'silent';
    if (typeof end === 'string') return end;
    return end.kind === 'error' ? end.error.outcome : 'ok';
  }

  #error(): DbError | null {
    const end = this.#end;
    return end !== null && typeof end !== 'string' && end.kind === 'error' ? end.error : null;
  }

  #words(): string {
    const end = this.#end;
    if (end === null) return 'silent';
    if (typeof end === 'string') return end;
    switch (end.kind) {
      case 'error':
        return `${end.error.outcome}, ${end.error.code}: ${end.error.message}`;
      case 'written':
        return `ok, ${end.dot}${end.repeated ? ', repeated' : ''}`;
      case 'read':
        return `ok, ${[end.winner, ...end.siblings].map((sibling) => (sibling?.value == null ? 'not found' : textOf(sibling.value))).join(' beside ')}`;
      case 'unmet':
        return `refused, ${end.found.winner?.value == null ? 'nothing is there' : textOf(end.found.winner.value)}`;
      default:
        return 'ok';
    }
  }
}
