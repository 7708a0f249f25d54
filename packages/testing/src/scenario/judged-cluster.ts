import type { WallMs } from '@starling/core/base/ids.ts';
import type { CausalContext, ClientRequest, UnmetResult } from '@starling/core/coordinator/request.ts';
import { absent } from '../linearizability/history.ts';
import type { FaultVerbs } from '../sim/chronicle.ts';
import type { FaultKind } from '../sim/fault-kinds.ts';
import { type Caller, Lifetime } from '../sim/lifetime.ts';
import { realMachine } from '../sim/swarm.ts';
import { shownNumber } from '../workload/client.ts';
import { clientGraceMs, type Ending, isAnswer, outcomeOfEnd } from '../workload/connection.ts';
import type { Attempt, Expected, SeenContext, WriteEntry } from '../workload/ledger.ts';
import { conditionOf, dotsKnown, dotsOf } from '../workload/seen.ts';
import { encodeValue } from '../workload/values.ts';
import { Answer } from './answer.ts';
import { Cluster, common, deadlineMs, type RequestOptions, type WriteOptions, write } from './cluster.ts';
import { type Json, toText } from './json.ts';
import { table } from './node-view.ts';
import { type JudgedOptions, storyLifetime } from './story-options.ts';

export interface JudgedWriteOptions extends WriteOptions {
  /** Characters the value is filled up with. */
  readonly padding?: number;
}

export interface PageOptions {
  readonly after?: string;
  readonly limit?: number;
  readonly contested?: boolean;
  readonly deadlineMs?: number;
}

/**
 * A cluster in the safety phase of a lifetime. The story does what the nemesis and the clients of the swarm would; all
 * checkers of the swarm look on, and `judge` goes through the phases that follow. A broken invariant ends the story.
 *
 * Values are names here: to put the same value to the same key again is to retry that write.
 */
export class JudgedCluster extends Cluster implements FaultVerbs {
  readonly #life: Lifetime;
  readonly #begunAt: number;
  readonly #writes = new Map<string, WriteEntry>();
  readonly #seen = new Map<Answer, SeenContext>();
  readonly #shown = new Map<Answer, Expected>();
  readonly #hangUps = new Map<Answer, () => void>();
  #open = 0;

  private constructor(life: Lifetime) {
    super(life.world);
    this.#life = life;
    this.#begunAt = life.world.now;
  }

  /** The cluster as it stands when faults may begin. */
  static form(life: Lifetime): JudgedCluster {
    life.form();
    return new JudgedCluster(life);
  }

  /** Lets time pass until so many ms after the story began. */
  at(ms: number): this {
    this.world.scheduler.runUntil(this.#begunAt + ms);
    return this;
  }

  override put(node: string, key: string, value: Json, options: JudgedWriteOptions = {}): Answer {
    const { livesMs = 0, padding = 0 } = options;
    const entry = this.#entry('put', key, `${key} = ${toText(value)}`, options);
    return this.#write(node, `put ${key} = ${toText(value)}`, entry, options, (fields, wallNow) => ({
      kind: 'put',
      ...fields,
      value: encodeValue(key, entry.id, padding),
      expiresAt: livesMs === 0 ? 0 : wallNow + livesMs,
    }));
  }

  override del(node: string, key: string, options: WriteOptions = {}): Answer {
    // A delete carries no value to be recognised by.
    const identified = { requestId: `delete-${this.#writes.size}`, ...options };
    const entry = this.#entry('delete', key, `${key} deleted ${identified.requestId}`, identified);
    return this.#write(node, `delete ${key}`, entry, identified, (fields) => ({ kind: 'delete', ...fields }));
  }

  override get(node: string, key: string, options: RequestOptions = {}): Answer {
    const { ledger, watcher } = this.#life;
    const calledAt = ledger.stamp();
    return this.#ask(
      node,
      `get ${key}`,
      options,
      (deadlineAt) => ({ kind: 'get', ...common(key, options, deadlineAt) }),
      (end, answer) => {
        const returnedAt = ledger.stamp();
        if (!isAnswer(end, 'read')) return;
        const level = options.level ?? 'quorum';
        const value = shownNumber(end);
        const read = { key, client: node, level, calledAt, returnedAt, value };
        ledger.reads.push(read);
        this.#shown.set(answer, { value, etag: end.etag });
        watcher.answeredRead(key, end, this.#keep(answer, key, end.context, dotsOf(end), null), read);
      },
    );
  }

  /** One page of keys. */
  list(node: string, prefix: string, options: PageOptions = {}): Answer {
    const { ledger, watcher } = this.#life;
    const { after = '', limit = 1000, contested = false } = options;
    const list = { prefix, after, limit, contested };
    const calledAt = ledger.stamp();
    return this.#ask(
      node,
      `list ${prefix}`,
      options,
      (deadlineAt) => ({ kind: 'list', table, ...list, deadlineAt }),
      (end) => {
        if (!isAnswer(end, 'listed')) return;
        const { keys, next } = end;
        watcher.answeredList({ ...list, calledAt, returnedAt: ledger.stamp(), keys, next });
      },
    );
  }

  /** The client hangs up. */
  abandon(answer: Answer): this {
    this.#hangUps.get(answer)?.();
    return this;
  }

  /** A fault that decides by itself, from `draw`, whom it strikes, and whether the budget allows it. */
  strike(kind: FaultKind, durationMs: number, draw: number): this {
    this.story.tell(`strike with ${kind}`);
    this.world.disturbed = true;
    this.#life.nemesis.strike({ kind, durationMs, draw });
    return this;
  }

  endFaults(): this {
    this.story.tell('every fault ends');
    this.#life.endFaults();
    return this;
  }

  /** Every fault ends, if it has not; then everything must be answered, come to rest and hold. Throws the violation it finds. */
  judge(): void {
    const open = () => this.#open;
    const caller: Caller = {
      get idle() {
        return open() === 0;
      },
    };
    this.#life.conclude([caller]);
  }

  #unmet(entry: WriteEntry, attempt: Attempt, { found }: UnmetResult, answer: Answer): void {
    const { ledger, watcher } = this.#life;
    const { key, client, level } = entry;
    attempt.outcome = 'failed';
    const value = shownNumber(found);
    this.#shown.set(answer, { value, etag: found.etag });
    const returnedAt = ledger.stamp();
    ledger.reads.push({ key, client, level, calledAt: attempt.calledAt, returnedAt, value });
    watcher.answeredUnmet(entry);
  }

  /** What a write on condition expects, as the clients of the swarm say it; null where the answer never came. */
  #expectedBy(holds: WriteOptions['if']): Expected | null {
    const shown = holds instanceof Answer ? this.#shown.get(holds) : undefined;
    if (holds === 'absent' || shown?.value === absent) return { value: absent, etag: null };
    return shown ?? null;
  }

  #entry(kind: WriteEntry['kind'], key: string, name: string, options: WriteOptions): WriteEntry {
    const known = this.#writes.get(name);
    if (known !== undefined) return known;
    const { level = 'quorum', requestId = null } = options;
    const seen = this.#seenBy(key, options.seen);
    const client = requestId ?? 'story';
    const expires = options.livesMs !== undefined;
    const expected = this.#expectedBy(options.if);
    const entry = this.#life.ledger.beginWrite({
      kind,
      key,
      client,
      level,
      seen,
      expected,
      requestId,
      expires,
    });
    this.#writes.set(name, entry);
    return entry;
  }

  #write(
    node: string,
    what: string,
    entry: WriteEntry,
    options: WriteOptions,
    request: (fields: ReturnType<typeof write>, wallNow: WallMs) => ClientRequest,
  ): Answer {
    const { ledger, watcher } = this.#life;
    const attempt: Attempt = { calledAt: ledger.stamp(), outcome: 'pending' };
    entry.attempts.push(attempt);
    const { seen: _, if: __, ...rest } = options;
    const withSeen = entry.seen === null ? rest : { ...rest, seen: entry.seen.context };
    return this.#ask(
      node,
      what,
      options,
      (deadlineAt, wallNow) => {
        const fields = write(entry.key, withSeen, deadlineAt);
        return request({ ...fields, condition: conditionOf(entry.expected) }, wallNow);
      },
      (end, answer) => {
        attempt.outcome = outcomeOfEnd(end);
        if (isAnswer(end, 'unmet')) this.#unmet(entry, attempt, end, answer);
        if (!isAnswer(end, 'written')) return;
        this.#shown.set(answer, { value: entry.kind === 'put' ? entry.id : absent, etag: end.etag });
        entry.dot = end.dot;
        entry.repeated = end.repeated;
        entry.returnedAt = ledger.stamp();
        const { dots, own } = dotsKnown(entry, end);
        this.#keep(answer, entry.key, end.context, dots, own);
        watcher.answeredWrite(entry, end);
      },
    );
  }

  #ask(
    node: string,
    what: string,
    options: { readonly deadlineMs?: number },
    request: (deadlineAt: number, wallNow: WallMs) => ClientRequest,
    ended: (end: Ending, answer: Answer) => void,
  ): Answer {
    const { world, story } = this;
    const process = world.process(node);
    const within = options.deadlineMs ?? deadlineMs;
    const patience = world.now + within + clientGraceMs;
    const wait = (done: () => boolean) => void world.runUntil(done, patience - world.now, 1);
    const answer = new Answer({ story, what: `${node}: ${what}`, wait });
    let over = false;
    this.#open++;
    const finish = (end: Ending) => {
      if (over) return;
      over = true;
      this.#open--;
      if (end !== 'timeout') answer.arrived(end);
      ended(end, answer);
    };
    story.tell(`${node} is asked: ${what}`);
    const id = world.call(process, (monoNow, wallNow) => request(monoNow + within, wallNow), finish);
    world.scheduler.after(within + clientGraceMs, () => {
      if (!over) world.forget(process, id);
      finish('timeout');
    });
    this.#hangUps.set(answer, () => {
      if (!over && world.abandon(process, id)) finish('timeout');
    });
    return answer;
  }

  #keep(
    answer: Answer,
    key: string,
    context: CausalContext,
    dots: readonly string[],
    own: string | null,
  ): SeenContext {
    const seen = { key, context, token: '', dots, own, wallMs: this.world.latestWall };
    this.#seen.set(answer, seen);
    return seen;
  }

  /** What a client had seen that writes with `seen`. An answer that has not come, or was none, has shown nothing. */
  #seenBy(key: string, seen: WriteOptions['seen']): SeenContext | null {
    if (seen === undefined) return null;
    const known = seen instanceof Answer ? this.#seen.get(seen) : undefined;
    if (known !== undefined) return known;
    const { context } = write(key, { seen: 'nothing' }, 0);
    return {
      key,
      context: seen === 'nothing' || seen instanceof Answer ? context! : seen,
      token: '',
      dots: [],
      own: null,
      wallMs: this.world.latestWall,
    };
  }
}

/** A cluster of `nodes` nodes whose story is judged as a lifetime of the swarm is. */
export function judged(nodes: number, options: JudgedOptions = {}): JudgedCluster {
  return JudgedCluster.form(new Lifetime(storyLifetime(nodes, options), { make: realMachine }));
}
