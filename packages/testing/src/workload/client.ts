/**
 * One simulated client: a sequential process that writes and reads through any node, keeps contexts, some of them too
 * long, retries under the same request id and sometimes hangs up.
 */
import { parseDot } from '@starling/core/causality/dot.ts';
import { covers } from '@starling/core/causality/version-vector.ts';
import type { ClientAnswer, Level, ReadResult, WriteResult } from '@starling/core/coordinator/request.ts';
import { type KeyRef, keyRef } from '@starling/core/ring/key.ts';
import { absent } from '../linearizability/history.ts';
import type { WorkloadOptions } from '../sim/options.ts';
import type { Prng } from '../sim/prng.ts';
import type { SimProcess } from '../sim/process.ts';
import type { CallEnd, World } from '../sim/world.ts';
import type { Attempt, Ledger, SeenContext, WriteEntry } from './ledger.ts';
import { decodeValue, encodeValue } from './values.ts';

/** The one table of this workload. */
export const table = 'default';

/** A client waits this much longer than the deadline it set, in virtual ms, before it gives up without an answer. */
export const clientGraceMs = 500;
/** Contexts of each key a client keeps to write with later: enough to be several writes out of date. */
const contextsKept = 4;
const attemptsMax = 3;

/** Hears what clients are told, as it happens. */
export interface ClientWatcher {
  answeredRead(key: string, result: ReadResult): void;
  answeredWrite(entry: WriteEntry, result: WriteResult): void;
}

export interface ClientParts {
  readonly name: string;
  readonly world: World;
  readonly ledger: Ledger;
  readonly random: Prng;
  readonly options: WorkloadOptions;
  readonly watcher: ClientWatcher;
}

export function registerKey(index: number): string {
  return `r/${index}`;
}

export function causalKey(index: number): string {
  return `c/${index}`;
}

export class SimClient {
  readonly #parts: ClientParts;
  readonly #contexts = new Map<string, SeenContext[]>();
  readonly #refs = new Map<string, KeyRef>();
  #home: number;
  #requests = 0;
  #left = 0;
  /** No call is open and no operation is left. */
  idle = true;

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.#home = parts.random.below(16);
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
    const key = this.#drawKey();
    const causal = key.startsWith('c/');
    const level = causal ? this.#drawLevel() : random.chance(0.9) ? 'quorum' : 'all';
    if (!random.chance(options.writes)) return this.#get(key, level);
    const kind = random.chance(options.deletes) ? 'delete' : 'put';
    this.#write(key, kind, level, causal ? this.#drawContext(key) : null);
  }

  #drawKey(): string {
    const { random, options } = this.#parts;
    const { registerKeys, causalKeys, hotKey } = options;
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

  /** Mostly the newest context seen, sometimes an old one, sometimes none. */
  #drawContext(key: string): SeenContext | null {
    const { random } = this.#parts;
    const kept = this.#contexts.get(key) ?? [];
    if (kept.length === 0 || random.chance(0.25)) return null;
    return random.chance(0.7) ? kept.at(-1)! : random.pick(kept);
  }

  #get(key: string, level: Level): void {
    const { ledger, name, options, random, watcher } = this.#parts;
    const calledAt = ledger.stamp();
    this.#call(
      (now) => ({
        kind: 'get',
        ref: this.#ref(key),
        level,
        deadlineAt: now + options.deadlineMs,
        explain: random.chance(0.3),
      }),
      (end) => {
        const returnedAt = ledger.stamp();
        if (isAnswer(end, 'read')) {
          const bytes = end.winner?.value ?? null;
          const value = bytes === null ? absent : (decodeValue(bytes)?.id ?? Number.MAX_SAFE_INTEGER);
          ledger.reads.push({ key, client: name, level, calledAt, returnedAt, value });
          this.#keep({ key, context: end.context, dots: dotsOf(end), own: null });
          watcher.answeredRead(key, end);
        }
        this.#next();
      },
    );
  }

  #write(key: string, kind: 'put' | 'delete', level: Level, seen: SeenContext | null): void {
    const { ledger, name, random } = this.#parts;
    // Deletes carry no value to be recognised by, so they always have an id.
    const requestId = kind === 'delete' || random.chance(0.9) ? `${name}-${++this.#requests}` : null;
    const entry = ledger.beginWrite({ kind, key, client: name, level, seen, requestId });
    this.#attempt(entry, random.chance(this.#parts.options.largeValues) ? 5000 : 0);
  }

  #attempt(entry: WriteEntry, padding: number): void {
    const { ledger, options, random } = this.#parts;
    const attempt: Attempt = { calledAt: ledger.stamp(), outcome: 'pending' };
    entry.attempts.push(attempt);
    this.#call(
      (now) => {
        const common = {
          ref: this.#ref(entry.key),
          level: entry.level,
          deadlineAt: now + options.deadlineMs,
          explain: random.chance(0.3),
          context: entry.seen?.context ?? null,
          requestId: entry.requestId,
        };
        if (entry.kind === 'delete') return { ...common, kind: 'delete' };
        return { ...common, kind: 'put', value: encodeValue(entry.key, entry.id, padding), expiresAt: 0 };
      },
      (end) => {
        attempt.outcome = outcomeOfEnd(end);
        if (isAnswer(end, 'written')) this.#written(entry, end);
        else if (entry.attempts.length < attemptsMax && random.chance(options.retry))
          this.#retry(entry, padding);
        else this.#next();
      },
    );
  }

  #written(entry: WriteEntry, result: WriteResult): void {
    entry.dot = result.dot;
    entry.repeated = result.repeated;
    entry.returnedAt = this.#parts.ledger.stamp();
    // What stayed beside this write was not shown to the client: it has seen what it knew before, and its own write
    // as far as the context says so.
    const before = result.siblingCount === 0 ? [] : (entry.seen?.dots ?? []);
    const dot = parseDot(result.dot);
    const own = dot !== null && covers(result.context.clock, dot) ? [result.dot] : [];
    this.#keep({ key: entry.key, context: result.context, dots: [...before, ...own], own: own[0] ?? null });
    this.#parts.watcher.answeredWrite(entry, result);
    this.#next();
  }

  #retry(entry: WriteEntry, padding: number): void {
    const { world, random } = this.#parts;
    this.#home = random.below(16);
    world.scheduler.after(random.exponential(20), () => this.#attempt(entry, padding));
  }

  #keep(seen: SeenContext): void {
    const kept = this.#contexts.get(seen.key) ?? [];
    kept.push(seen);
    if (kept.length > contextsKept) kept.shift();
    this.#contexts.set(seen.key, kept);
  }

  /** One call over the client's own connection, which is slow at times and breaks with the process at its other end. */
  #call(request: Parameters<World['call']>[1], done: (end: CallEnd | 'timeout') => void): void {
    const { world, random, options } = this.#parts;
    const process = this.#pickProcess();
    let over = false;
    const finish = (end: CallEnd | 'timeout') => {
      if (over) return;
      over = true;
      done(end);
    };
    world.trace.note(world.now, 'call', process.index);
    world.scheduler.after(random.exponential(0.5), () => {
      const id = world.call(process, request, (end) => {
        world.scheduler.after(random.exponential(0.5), () => finish(end));
      });
      world.scheduler.after(options.deadlineMs + clientGraceMs, () => {
        if (over) return;
        world.forget(process, id);
        finish('timeout');
      });
      if (random.chance(options.abandon)) this.#abandonSoon(process, id, finish);
    });
  }

  #abandonSoon(process: SimProcess, id: number, finish: (end: 'timeout') => void): void {
    const { world, random } = this.#parts;
    world.scheduler.after(random.exponential(5), () => {
      if (world.abandon(process, id)) finish('timeout');
    });
  }

  #pickProcess(): SimProcess {
    const { world, random } = this.#parts;
    const started = world.processes.filter((process) => process.boots > 0);
    return random.chance(0.7) ? started[this.#home % started.length]! : random.pick(started);
  }

  #ref(key: string): KeyRef {
    const ref = this.#refs.get(key) ?? keyRef(table, key);
    this.#refs.set(key, ref);
    return ref;
  }
}

function isAnswer<Kind extends ClientAnswer['kind']>(
  end: CallEnd | 'timeout',
  kind: Kind,
): end is Extract<ClientAnswer, { kind: Kind }> {
  return typeof end !== 'string' && end.kind === kind;
}

/** A refused connection did nothing; a broken or silent one may have done anything. */
function outcomeOfEnd(end: CallEnd | 'timeout'): Attempt['outcome'] {
  if (end === 'refused') return 'failed';
  if (typeof end === 'string') return 'unknown';
  return end.kind === 'error' ? end.error.outcome : 'ok';
}

function dotsOf(result: ReadResult): string[] {
  const shown = result.siblings.map((sibling) => sibling.dot);
  return result.winner === null ? shown : [result.winner.dot, ...shown];
}
