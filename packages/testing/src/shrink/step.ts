/** A story as data: each step is one call of the scenario language, so that it can be left out, told again and printed. */
import type { Level } from '@starling/core/coordinator/request.ts';
import type { Answer } from '../scenario/answer.ts';
import type { JudgedCluster, PageOptions } from '../scenario/judged-cluster.ts';
import type { FaultVerbs } from '../sim/chronicle.ts';

export interface ReadWords {
  readonly level?: Level;
  readonly deadlineMs?: number;
}

export interface WriteWords extends ReadWords {
  /** The step whose answer the client had seen; `nothing` that it knew of; absent: a plain register. */
  readonly seen?: StepName | 'nothing';
  /** The step whose answer showed what must be there still, or what must be there; absent: no condition. */
  readonly if?: StepName | 'absent' | 'exists';
  readonly requestId?: string;
  readonly livesMs?: number;
  readonly padding?: number;
}

/** `a` and the step's number. */
export type StepName = `a${number}`;

/** What clients ask. A value is the number of its write. */
export interface ClientVerbs {
  get(node: string, key: string, words: ReadWords): unknown;
  put(node: string, key: string, value: number, words: WriteWords): unknown;
  del(node: string, key: string, words: WriteWords): unknown;
  list(node: string, prefix: string, words: PageOptions): unknown;
  abandon(call: StepName): unknown;
}

type Verbs = FaultVerbs & ClientVerbs;

/** One call of a verb with the arguments that it takes. */
export type Deed = {
  readonly [Verb in keyof Verbs]: { readonly verb: Verb; readonly args: Parameters<Verbs[Verb]> };
}[keyof Verbs];

export interface Step {
  readonly name: StepName;
  /** Virtual ms after the story began. */
  readonly at: number;
  readonly deed: Deed;
}

/** Tells the steps to a cluster, in order. One that refers to a step left out refers to an answer that never came. */
export function tell(cluster: JudgedCluster, steps: readonly Step[]): void {
  const answers = new Map<string, Answer>();
  for (const { name, at, deed } of steps) {
    cluster.at(at);
    const answer = ask(cluster, deed, answers);
    if (answer !== null) answers.set(name, answer);
  }
}

/** Does one deed; answers with the answer to come, if it is a request. */
function ask(cluster: JudgedCluster, deed: Deed, answers: ReadonlyMap<string, Answer>): Answer | null {
  switch (deed.verb) {
    case 'get':
      return cluster.get(...deed.args);
    case 'list':
      return cluster.list(...deed.args);
    case 'put': {
      const [node, key, value, words] = deed.args;
      return cluster.put(node, key, value, resolved(words, answers));
    }
    case 'del': {
      const [node, key, words] = deed.args;
      return cluster.del(node, key, resolved(words, answers));
    }
    case 'abandon': {
      const call = answers.get(deed.args[0]);
      if (call !== undefined) cluster.abandon(call);
      return null;
    }
    default:
      // The other verbs are methods of the same names, with the same parameters.
      Reflect.apply(cluster[deed.verb], cluster, deed.args);
      return null;
  }
}

function resolved({ seen, if: shown, ...words }: WriteWords, answers: ReadonlyMap<string, Answer>) {
  const holds = shown === 'absent' || shown === 'exists' ? shown : answers.get(shown ?? '');
  return {
    ...words,
    ...(seen !== undefined && { seen: answers.get(seen) ?? ('nothing' as const) }),
    ...(holds !== undefined && { if: holds }),
  };
}

/** The step that a deed refers to; null if it refers to none. */
export function referredTo({ verb, args }: Deed): string | null {
  if (verb === 'abandon') return args[0];
  const words = verb === 'put' ? args[3] : verb === 'del' ? args[2] : {};
  const shown = words.if === 'absent' || words.if === 'exists' ? undefined : words.if;
  return words.seen ?? shown ?? null;
}
