import type { Hlc } from '@starling/core/base/ids.ts';
import type { CausalContext, ClientRequest, Condition, Level } from '@starling/core/coordinator/request.ts';
import type { Finding, Inquiry } from '@starling/core/node/inquiry.ts';
import type { CommandAnswer } from '@starling/core/ring/command-desk.ts';
import { keyRef } from '@starling/core/ring/key.ts';
import type { RingDoc } from '@starling/core/ring/ring-doc.ts';
import type {
  RingAim,
  RingCommand,
  RingOperationState,
  RingRefusal,
} from '@starling/core/ring/ring-operation.ts';
import { Answer } from './answer.ts';
import { type Json, toBytes, toText } from './json.ts';
import { table } from './node-view.ts';
import { calmWorld, type StageOptions } from './stage.ts';
import { Troubles } from './troubles.ts';

/** How long a request may take unless it says otherwise, in virtual ms. */
export const deadlineMs = 3000;
/** An answer may be this much later than the deadline before the node is said to keep silent, in virtual ms. */
const graceMs = 500;
/** How long an operator waits for a command unless the story says otherwise, in virtual ms. */
const commandMs = 20_000;

export interface RequestOptions {
  readonly level?: Level;
  readonly deadlineMs?: number;
}

export interface WriteOptions extends RequestOptions {
  /** What the client had seen: an earlier answer, a context, or `nothing` that it knows of. Absent: a plain register. */
  readonly seen?: Answer | CausalContext | 'nothing';
  readonly requestId?: string;
  /** How long a value lives, in ms by the clock of the node that is asked; absent: for ever. */
  readonly livesMs?: number;
  /** Write only if this holds: the key is as an earlier answer showed it, or has no value. */
  readonly if?: Answer | 'absent' | 'exists';
}

type Body = (deadlineAt: number, wallNow: number) => ClientRequest;

/**
 * A cluster as the actor of a story. What is asked of it happens at once, in virtual time; each method that asks a node
 * returns an `Answer` that is waited for when something is expected of it.
 */
export class Cluster extends Troubles {
  static start(nodes: number, options: StageOptions): Cluster {
    return new Cluster(calmWorld(nodes, options)).raise();
  }

  put(node: string, key: string, value: Json, options: WriteOptions = {}): Answer {
    const bytes = toBytes(value);
    const { livesMs } = options;
    return this.#ask(node, `put ${key} = ${shortened(toText(value))}`, options, (deadlineAt, wallNow) => ({
      kind: 'put',
      ...write(key, options, deadlineAt),
      value: bytes,
      expiresAt: livesMs === undefined ? 0 : wallNow + livesMs,
    }));
  }

  del(node: string, key: string, options: WriteOptions = {}): Answer {
    return this.#ask(node, `delete ${key}`, options, (deadlineAt) => ({
      kind: 'delete',
      ...write(key, options, deadlineAt),
    }));
  }

  get(node: string, key: string, options: RequestOptions = {}): Answer {
    return this.#ask(node, `get ${key}`, options, (deadlineAt) => ({
      kind: 'get',
      ...common(key, options, deadlineAt),
    }));
  }

  /** As `get`, where the point is what comes of it: `expectRead('n1', 'k').toBe(1)`. */
  expectRead(node: string, key: string, options: RequestOptions = {}): Answer {
    return this.get(node, key, options);
  }

  /** Asks a node for a change of the ring; waits until it has been granted, refused or not decided in time. */
  command(node: string, command: RingCommand, withinMs = commandMs): CommandAnswer['kind'] | RingRefusal {
    this.story.tell(`${node} is asked: ${command.kind} ${command.id}`);
    let answer: CommandAnswer | null = null;
    this.world.command(this.world.process(node), command, withinMs, (ending) => {
      answer = ending;
    });
    this.world.runUntil(() => answer !== null, withinMs + graceMs, 1);
    return wordOf(answer ?? this.story.fail(`${node} does not say what becomes of ${command.id}`));
  }

  /** As `command`, and waits for nothing. */
  ask(node: string, command: RingCommand, withinMs = commandMs): this {
    this.story.tell(`${node} is asked: ${command.kind} ${command.id}`);
    this.world.command(this.world.process(node), command, withinMs, () => undefined);
    return this;
  }

  /** Clients ask this much of a node a second, as its process has measured; it tells the others. */
  measureLoad(node: string, perSecond: number): this {
    this.story.tell(`clients ask ${node} for ${perSecond} keys a second`);
    const reads = { perSecond, p50Ms: 1, p99Ms: 5, p999Ms: 9 };
    const unknown = { rssBytes: null, heapBytes: null, cpu: null, eventLoopDelayP99Ms: null };
    const disk = { diskUsedBytes: null, diskFreeBytes: null };
    const stats = {
      version: '',
      startedAt: 0,
      reads,
      writes: null,
      errorsPerSecond: null,
      ...unknown,
      ...disk,
    };
    this.world.process(node).deliver({ type: 'stats', stats });
    return this;
  }

  /** Asks a node about itself or a peer, and waits for what it finds. */
  inquire<Kind extends Inquiry['kind']>(
    node: string,
    inquiry: Inquiry & { readonly kind: Kind },
  ): Extract<Finding, { readonly kind: Kind }> {
    const process = this.world.process(node);
    let found: Finding | null = null;
    process.found = (_, finding) => {
      found = finding;
    };
    process.deliver({ type: 'inquiry', id: 1, inquiry });
    this.world.runUntil(() => found !== null, commandMs, 1);
    // A machine answers an inquiry with a finding of its kind.
    return (found ?? this.story.fail(`${node} finds nothing`)) as Extract<Finding, { readonly kind: Kind }>;
  }

  /** Asks a node to begin an operation, under the id it is called by from then on. */
  begin(
    node: string,
    id: string,
    aim: RingAim,
    options: { readonly force?: boolean; readonly plan?: string } = {},
  ): this {
    const { force = false, plan = '' } = options;
    const said = this.command(node, { kind: 'begin', id, aim, plan, force });
    this.story.expect(said === 'granted', () => `${id} should be granted, but is ${said}`);
    return this;
  }

  /** Tells a node that has left to come back. */
  rejoin(node: string): this {
    this.story.tell(`${node} is to come back`);
    this.world.process(node).deliver({ type: 'rejoin' });
    return this;
  }

  /** The newest ring's document. */
  ringDoc(): RingDoc {
    return this.ring().doc;
  }

  /** What the newest ring says of an operation. */
  stateOf(id: string): RingOperationState {
    const operation = this.ring().doc.operations.find((each) => each.id === id);
    return operation?.state ?? this.story.fail(`no ring lists ${id}`);
  }

  #ask(node: string, what: string, options: RequestOptions, request: Body): Answer {
    const process = this.world.process(node);
    const within = options.deadlineMs ?? deadlineMs;
    const end = this.now + within + graceMs;
    const answer = new Answer({
      story: this.story,
      what: `${node}: ${what}`,
      wait: (done) => void this.world.runUntil(done, end - this.now, 1),
    });
    this.story.tell(`${node} is asked: ${what}`);
    this.world.call(
      process,
      (monoNow, wallNow) => request(monoNow + within, wallNow),
      (ending) => answer.arrived(ending),
    );
    return answer;
  }
}

/** Starts a cluster of `nodes` nodes, `n1` to `n…`, with three replicas unless `options` says otherwise. */
export function cluster(nodes: number, options: StageOptions = {}): Cluster {
  return Cluster.start(nodes, options);
}

function wordOf(answer: CommandAnswer): CommandAnswer['kind'] | RingRefusal {
  return answer.kind === 'refused' ? answer.refusal : answer.kind;
}

/** The fields every request has. */
export function common(key: string, { level = 'quorum' }: RequestOptions, deadlineAt: number) {
  return { ref: keyRef(table, key), level, deadlineAt, explain: true };
}

/** The fields every write has. */
export function write(key: string, options: WriteOptions, deadlineAt: number) {
  const { seen, requestId = null } = options;
  const condition = conditionOf(options.if);
  return { ...common(key, options, deadlineAt), requestId, context: contextOf(seen), condition };
}

function conditionOf(holds: WriteOptions['if']): Condition | null {
  if (holds === undefined) return null;
  return holds instanceof Answer ? { kind: 'match', etags: [holds.etag] } : { kind: holds };
}

function contextOf(seen: WriteOptions['seen']): CausalContext | null {
  if (seen === undefined) return null;
  if (seen === 'nothing') return { clock: [], hlc: 0 as Hlc };
  return seen instanceof Answer ? seen.context : seen;
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 37)}…`;
}
