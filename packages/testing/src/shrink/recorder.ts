import type {
  CausalContext,
  ClientAnswer,
  ClientRequest,
  Condition,
} from '@starling/core/coordinator/request.ts';
import type { Chronicle, FaultVerbs } from '../sim/chronicle.ts';
import type { SimProcess } from '../sim/process.ts';
import type { World } from '../sim/world.ts';
import { decodeValue } from '../workload/values.ts';
import type { Deed, ReadWords, Step, StepName, WriteWords } from './step.ts';

/** Writes a lifetime down as the steps of a story: every fault by what it did, every request by what was asked. */
export class Recorder implements Chronicle {
  readonly steps: Step[] = [];
  /** Of the newest step, in virtual ms after the story began. */
  endedAt = 0;
  /** Faults have ended: what still happens to the cluster is part of that. */
  #ended = false;
  #world: World | null = null;
  #begunAt = 0;
  readonly #names = new Map<number, StepName>();
  readonly #keys = new Map<number, string>();
  /** Which step's answer carried a context, by key and content. */
  readonly #contexts = new Map<string, StepName>();
  /** Which step's answer carried an entity tag, by key and tag. */
  readonly #tags = new Map<string, StepName>();

  begin(world: World): void {
    this.#world = world;
    this.#begunAt = world.now;
  }

  did<Verb extends keyof FaultVerbs>(verb: Verb, ...args: Parameters<FaultVerbs[Verb]>): void {
    if (this.#ended) return;
    // The verb and its own parameters, which the compiler no longer knows to belong together.
    this.#note({ verb, args } as Deed);
  }

  called(id: number, process: SimProcess, request: ClientRequest, mono: number, wall: number): void {
    const deadlineMs = request.deadlineAt - mono;
    this.#names.set(id, this.#note(this.#deed(process.nodeId, request, deadlineMs, wall)));
    if (request.kind !== 'list') this.#keys.set(id, request.ref.key);
  }

  answered(id: number, answer: ClientAnswer): void {
    const key = this.#keys.get(id);
    const name = this.#names.get(id);
    if (key === undefined || name === undefined) return;
    const shown = answer.kind === 'unmet' ? answer.found : answer;
    if (shown.kind !== 'read' && shown.kind !== 'written') return;
    this.#contexts.set(contextName(key, shown.context), name);
    this.#tags.set(`${key} ${shown.etag}`, name);
  }

  abandoned(id: number): void {
    const call = this.#names.get(id);
    if (call !== undefined) this.#note({ verb: 'abandon', args: [call] });
  }

  end(): void {
    this.#ended = true;
    this.#note({ verb: 'endFaults', args: [] });
  }

  #note(deed: Deed): StepName {
    const name: StepName = `a${this.steps.length + 1}`;
    this.endedAt = this.#now();
    this.steps.push({ name, at: this.endedAt, deed });
    return name;
  }

  #now(): number {
    return (this.#world?.now ?? 0) - this.#begunAt;
  }

  #deed(node: string, request: ClientRequest, deadlineMs: number, wall: number): Deed {
    switch (request.kind) {
      case 'list': {
        const { prefix, after, limit, contested } = request;
        return { verb: 'list', args: [node, prefix, { after, limit, contested, deadlineMs }] };
      }
      case 'get':
        return { verb: 'get', args: [node, request.ref.key, readWords(request.level, deadlineMs)] };
      case 'delete':
        return { verb: 'del', args: [node, request.ref.key, this.#writeWords(request, deadlineMs)] };
      case 'put': {
        const { ref, value, expiresAt } = request;
        const words = {
          ...this.#writeWords(request, deadlineMs),
          ...(expiresAt !== 0 && { livesMs: expiresAt - wall }),
          ...(value.length > paddedFrom && { padding: value.length }),
        };
        return { verb: 'put', args: [node, ref.key, decodeValue(value)?.id ?? 0, words] };
      }
    }
  }

  #writeWords(request: Extract<ClientRequest, { context: unknown }>, deadlineMs: number): WriteWords {
    const { context, requestId, ref, level, condition } = request;
    const seen = context === null ? null : (this.#contexts.get(contextName(ref.key, context)) ?? 'nothing');
    return {
      ...readWords(level, deadlineMs),
      ...(seen !== null && { seen }),
      ...(condition !== null && { if: this.#shownBy(ref.key, condition) }),
      ...(requestId !== null && { requestId }),
    };
  }

  #shownBy(key: string, condition: Condition): NonNullable<WriteWords['if']> {
    if (condition.kind !== 'match') return condition.kind;
    return this.#tags.get(`${key} ${condition.etags[0]}`) ?? 'exists';
  }
}

/** Values beyond so many bytes are filled up. */
const paddedFrom = 1000;

function readWords(level: ReadWords['level'], deadlineMs: number): ReadWords {
  return { ...(level !== 'quorum' && level !== undefined && { level }), deadlineMs };
}

function contextName(key: string, { clock, hlc }: CausalContext): string {
  return `${key} ${hlc} ${clock.map(({ actor, counter }) => `${actor}:${counter}`).join(' ')}`;
}
