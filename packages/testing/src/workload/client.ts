/**
 * One simulated client: it writes, reads and lists through any node, one thing after the other or several at once, keeps
 * contexts, retries under the same request id and sometimes hangs up.
 */
import type { Level, ReadResult, UnmetResult, WriteResult } from '@starling/core/coordinator/request.ts';
import { type KeyRef, keyRef } from '@starling/core/ring/key.ts';
import { absent } from '../linearizability/history.ts';
import type { WorkloadOptions } from '../sim/options.ts';
import type { Prng } from '../sim/prng.ts';
import type { World } from '../sim/world.ts';
import { Connection, isAnswer, outcomeOfEnd, type Route } from './connection.ts';
import { ContextShelf } from './context-shelf.ts';
import type { Attempt, Expected, Ledger, ListEntry, ReadEntry, SeenContext, WriteEntry } from './ledger.ts';
import { conditionOf, dotsKnown, dotsOf } from './seen.ts';
import type { Tokens } from './tokens.ts';
import { decodeValue, encodeValue } from './values.ts';

/** The one table of this workload. */
export const table = 'default';

const attemptsMax = 3;
/** Reads and writes sent together, at most. */
const batchMax = 4;
/** Pages a client follows before it has seen enough. */
const pagesMax = 4;

/** Hears what clients are told, as it happens. */
export interface ClientWatcher {
  answeredRead(key: string, result: ReadResult, seen: SeenContext, read: ReadEntry): void;
  answeredWrite(entry: WriteEntry, result: WriteResult): void;
  /** A conditional write was refused. */
  answeredUnmet(entry: WriteEntry): void;
  answeredList(entry: ListEntry): void;
  sentBatch(): void;
  /** `shared`: another client's context is written with. `foreign`: one of another key was refused. */
  usedContext(whose: 'shared' | 'foreign'): void;
}

export interface ClientParts {
  readonly name: string;
  readonly world: World;
  readonly ledger: Ledger;
  readonly random: Prng;
  readonly options: WorkloadOptions;
  readonly watcher: ClientWatcher;
  readonly tokens: Tokens;
}

/** One write as every attempt of it sends it. */
interface Draft {
  readonly entry: WriteEntry;
  readonly padding: number;
  /** How long the value lives, in ms of the node's wall clock; 0: for ever. */
  readonly livesMs: number;
}

/** What is listed, page by page. */
type Listing = Pick<ListEntry, 'prefix' | 'limit' | 'contested'>;

export function registerKey(index: number): string {
  return `r/${index}`;
}

export function causalKey(index: number): string {
  return `c/${index}`;
}

/** A key whose writes are mostly conditional. */
export function agreedKey(index: number): string {
  return `k/${index}`;
}

export class SimClient {
  readonly #parts: ClientParts;
  /** What this client last saw of each key under agreement. */
  readonly #shown = new Map<string, Expected>();
  readonly #connection: Connection;
  readonly #shelf: ContextShelf;
  readonly #refs = new Map<string, KeyRef>();
  #requests = 0;
  #left = 0;
  /** No call is open and no operation is left. */
  idle = true;

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.#connection = new Connection(parts.world, parts.random, parts.options);
    this.#shelf = new ContextShelf(parts);
  }

  /** Runs `operations` one after the other, with pauses to think. */
  start(operations: number): void {
    this.#left = operations;
    this.#next();
  }

  /** Begins no further operation. */
  stop(): void {
    this.#left = 0;
  }

  #next(): void {
    this.idle = this.#left <= 0;
    if (this.idle) return;
    this.#left--;
    const { random, options, world } = this.#parts;
    world.scheduler.after(random.exponential(options.thinkMs), () => this.#operate());
  }

  #operate(): void {
    const { random, options } = this.#parts;
    const done = () => this.#next();
    if (options.lists > 0 && random.chance(options.lists)) return this.#list(done);
    if (options.batches > 0 && random.chance(options.batches)) return this.#batch(done);
    this.#readOrWrite(this.#drawKey(), null, done);
  }

  /** Several keys at once on one connection, as the batch routes send them. */
  #batch(done: () => void): void {
    const { random, watcher } = this.#parts;
    const keys = new Set(Array.from({ length: 2 + random.below(batchMax - 1) }, () => this.#drawKey()));
    const route = this.#connection.route();
    let open = keys.size;
    if (open > 1) watcher.sentBatch();
    for (const key of keys) {
      this.#readOrWrite(key, route, () => {
        open--;
        if (open === 0) done();
      });
    }
  }

  #readOrWrite(key: string, route: Route | null, done: () => void): void {
    const { random, options } = this.#parts;
    if (key.startsWith('k/')) return this.#agreed(key, route, done);
    const causal = key.startsWith('c/');
    const level = causal ? this.#drawLevel() : random.chance(0.9) ? 'quorum' : 'all';
    if (!random.chance(options.writes)) return this.#get(key, level, route, done);
    const kind = random.chance(options.deletes) ? 'delete' : 'put';
    this.#write({ key, kind, level, seen: causal ? this.#shelf.draw(this.#ref(key)) : null }, route, done);
  }

  /** One step with a key under agreement: a read, a plain write, or one on condition of what was last seen. */
  #agreed(key: string, route: Route | null, done: () => void): void {
    const { random, options } = this.#parts;
    const level = random.chance(0.9) ? 'quorum' : 'all';
    if (!random.chance(options.writes)) return this.#get(key, level, route, done);
    const kind = random.chance(options.deletes) ? 'delete' : 'put';
    const expected = random.chance(options.conditional) ? this.#expected(key) : null;
    this.#write({ key, kind, level, seen: null, expected }, route, done);
  }

  #expected(key: string): Expected {
    const shown = this.#shown.get(key);
    return shown === undefined || shown.value === absent ? { value: absent, etag: null } : shown;
  }

  #drawKey(): string {
    const { random, options } = this.#parts;
    const { registerKeys, causalKeys, agreedKeys, hotKey } = options;
    if (agreedKeys > 0 && random.chance(0.6)) {
      return agreedKey(random.chance(hotKey) ? 0 : random.below(agreedKeys));
    }
    const register = random.below(registerKeys + causalKeys) < registerKeys;
    const count = register ? registerKeys : causalKeys;
    const index = random.chance(hotKey) ? 0 : random.below(count);
    return register ? registerKey(index) : causalKey(index);
  }

  #drawLevel(): Level {
    const { random } = this.#parts;
    const draw = random.fraction();
    if (draw < 0.6) return 'quorum';
    if (draw < 0.75) return 'one';
    return draw < 0.85 ? 'all' : { count: 1 + random.below(3) };
  }

  #get(key: string, level: Level, route: Route | null, done: () => void): void {
    const { ledger, name, options, random, watcher } = this.#parts;
    const calledAt = ledger.stamp();
    const ref = this.#ref(key);
    this.#connection.call(
      route ?? this.#connection.route(),
      (now) => ({
        kind: 'get',
        ref,
        level,
        deadlineAt: now + options.deadlineMs,
        explain: random.chance(0.3),
      }),
      (end) => {
        const returnedAt = ledger.stamp();
        if (isAnswer(end, 'read')) {
          const value = shownNumber(end);
          this.#shown.set(key, { value, etag: end.etag });
          const read = { key, client: name, level, calledAt, returnedAt, value };
          ledger.reads.push(read);
          watcher.answeredRead(key, end, this.#shelf.keep(ref, end.context, dotsOf(end), null), read);
        }
        done();
      },
    );
  }

  #write(
    what: Pick<WriteEntry, 'key' | 'kind' | 'level' | 'seen'> & { readonly expected?: Expected | null },
    route: Route | null,
    done: () => void,
  ): void {
    const { key, kind, expected = null } = what;
    const { ledger, name, random, options, world } = this.#parts;
    // Deletes carry no value to be recognised by, so they always have an id.
    const requestId = kind === 'delete' || random.chance(0.9) ? `${name}-${++this.#requests}` : null;
    const padding = random.chance(options.largeValues) ? 5000 : 0;
    const expires = options.expiring > 0 && key.startsWith('c/') && random.chance(options.expiring);
    const entry = ledger.beginWrite({ ...what, expected, client: name, requestId, expires });
    const livesMs = expires ? random.exponential(world.options.safetyMs / 4) + 1 : 0;
    this.#attempt({ entry, padding, livesMs }, route, done);
  }

  #attempt(draft: Draft, route: Route | null, done: () => void): void {
    const { ledger, options, random, world } = this.#parts;
    const { entry, padding, livesMs } = draft;
    const attempt: Attempt = { calledAt: ledger.stamp(), outcome: 'pending' };
    entry.attempts.push(attempt);
    this.#connection.call(
      route ?? this.#connection.route(),
      (now, wallNow) => {
        const common = {
          ref: this.#ref(entry.key),
          level: entry.level,
          deadlineAt: now + options.deadlineMs,
          explain: random.chance(0.3),
          context: entry.seen?.context ?? null,
          requestId: entry.requestId,
          condition: conditionOf(entry.expected),
        };
        if (entry.kind === 'delete') return { ...common, kind: 'delete' };
        const expiresAt = livesMs === 0 ? 0 : wallNow + livesMs;
        return { ...common, kind: 'put', value: encodeValue(entry.key, entry.id, padding), expiresAt };
      },
      (end) => {
        attempt.outcome = outcomeOfEnd(end);
        if (isAnswer(end, 'written')) {
          this.#written(entry, end);
          return done();
        }
        if (isAnswer(end, 'unmet')) {
          attempt.outcome = 'failed';
          this.#unmet(entry, attempt, end);
          return done();
        }
        if (entry.attempts.length >= attemptsMax || !random.chance(options.retry)) return done();
        this.#connection.moveOn();
        world.scheduler.after(random.exponential(20), () => this.#attempt(draft, null, done));
      },
    );
  }

  /** A refusal says what is there: it is as good as a read. */
  #unmet(entry: WriteEntry, { calledAt }: Attempt, { found }: UnmetResult): void {
    const { ledger, name, watcher } = this.#parts;
    const { key, level } = entry;
    const value = shownNumber(found);
    this.#shown.set(key, { value, etag: found.etag });
    ledger.reads.push({ key, client: name, level, calledAt, returnedAt: ledger.stamp(), value });
    watcher.answeredUnmet(entry);
  }

  #written(entry: WriteEntry, result: WriteResult): void {
    this.#shown.set(entry.key, { value: entry.kind === 'put' ? entry.id : absent, etag: result.etag });
    entry.dot = result.dot;
    entry.repeated = result.repeated;
    entry.returnedAt = this.#parts.ledger.stamp();
    const { dots, own } = dotsKnown(entry, result);
    this.#shelf.keep(this.#ref(entry.key), result.context, dots, own);
    this.#parts.watcher.answeredWrite(entry, result);
  }

  /** A few pages of keys, each asked for after the one before has come. */
  #list(done: () => void): void {
    const { random } = this.#parts;
    const prefix = random.pick(['', 'r/', 'c/', 'c/1']);
    const limit = random.chance(0.5) ? 1 + random.below(3) : 1000;
    const contested = random.chance(0.25);
    this.#page({ prefix, limit, contested }, '', pagesMax, done);
  }

  #page(list: Listing, after: string, pagesLeft: number, done: () => void): void {
    const { ledger, options, watcher } = this.#parts;
    const calledAt = ledger.stamp();
    this.#connection.call(
      this.#connection.route(),
      (now) => ({ kind: 'list', table, ...list, after, deadlineAt: now + options.deadlineMs }),
      (end) => {
        if (!isAnswer(end, 'listed')) return done();
        const { keys, next } = end;
        watcher.answeredList({ ...list, after, calledAt, returnedAt: ledger.stamp(), keys, next });
        if (next === null || pagesLeft <= 1) return done();
        this.#page(list, next, pagesLeft - 1, done);
      },
    );
  }

  #ref(key: string): KeyRef {
    const ref = this.#refs.get(key) ?? keyRef(table, key);
    this.#refs.set(key, ref);
    return ref;
  }
}

/** Number of the write whose value a read was answered with. */
export function shownNumber({ winner }: ReadResult): number {
  const bytes = winner?.value ?? null;
  return bytes === null ? absent : (decodeValue(bytes)?.id ?? Number.MAX_SAFE_INTEGER);
}
