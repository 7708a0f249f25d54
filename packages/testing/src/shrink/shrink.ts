/**
 * Makes a failing lifetime small enough to be read. First as a lifetime: fewer kinds of faults, nodes, clients and
 * operations, calmer surroundings, single faults, a shorter time. Then what is left is written down as a story in the
 * scenario language, which fails by itself, and step after step is left out of it. Everything kept breaks the same invariant.
 */
import { JudgedCluster } from '../scenario/judged-cluster.ts';
import { type JudgedOptions, storyLifetime, storyOptions } from '../scenario/story-options.ts';
import type { FaultKind } from '../sim/fault-kinds.ts';
import { planFaults } from '../sim/fault-plan.ts';
import { Lifetime, type LifetimeReport, runLifetime } from '../sim/lifetime.ts';
import { drawOptions } from '../sim/options.ts';
import { realMachine } from '../sim/swarm.ts';
import { minimiseList } from './minimise-list.ts';
import { plainerDeeds, rounderOptions } from './plainer.ts';
import { Recorder } from './recorder.ts';
import { type Case, simplifications } from './simpler.ts';
import { type Step, tell } from './step.ts';

/** A story as the scenario language tells it. */
export interface ShrunkStory {
  readonly nodes: number;
  readonly options: JudgedOptions;
  readonly steps: readonly Step[];
  /** When it is judged, in virtual ms after it began. */
  readonly judgedAt: number;
}

export interface Shrunk {
  readonly seed: number;
  readonly invariant: string;
  /** As the smallest failure found says it. */
  readonly message: string;
  readonly lifetime: Case;
  /** Null: written down, the lifetime did not fail any more. */
  readonly story: ShrunkStory | null;
  readonly tries: number;
}

export interface ShrinkBounds {
  /** Asked before each try; true ends the search with what it has. */
  readonly enough: (tries: number) => boolean;
  readonly progress?: (words: string, tries: number) => void;
}

/** Seeds of other delays under which a story is told when its own does not fail: it may be a matter of microseconds. */
const otherSeeds = 24;

/** Seeds of other delays under which each step is left out of what is small already. */
const seedsPerStep = 8;

/** Shrinks the lifetime of a seed; null if it breaks nothing. */
export function shrinkSeed(seed: number, bounds: ShrinkBounds): Shrunk | null {
  const options = drawOptions(seed);
  const whole = { options, plan: planFaults(options) };
  const { violation } = run(whole);
  if (violation === null) return null;
  const search = new Search(violation, bounds);
  const lifetime = search.lifetime(whole);
  const story = search.story(lifetime);
  const { tries, message } = search;
  return { seed, invariant: violation.invariant, message, lifetime, story, tries };
}

/** Tells a story to the machine; says how its lifetime ended. */
export function tellStory({ nodes, options, steps, judgedAt }: ShrunkStory): LifetimeReport {
  const life = new Lifetime(storyLifetime(nodes, options), { make: realMachine });
  return life.report(() => {
    const cluster = JudgedCluster.form(life);
    tell(cluster, steps);
    cluster.at(judgedAt).judge();
  });
}

function run({ options, plan }: Case, chronicle?: Recorder): LifetimeReport {
  return runLifetime(options, { make: realMachine, plan, ...(chronicle !== undefined && { chronicle }) });
}

type Found = NonNullable<LifetimeReport['violation']>;

class Search {
  tries = 0;
  message: string;
  readonly #wanted: string;
  readonly #bounds: ShrinkBounds;

  constructor(violation: Found, bounds: ShrinkBounds) {
    this.#wanted = nameOf(violation);
    this.message = violation.message;
    this.#bounds = bounds;
  }

  lifetime(whole: Case): Case {
    let best = whole;
    const tryOne = (candidate: Case) => this.#fails(() => run(candidate));
    for (let before: Case | null = null; best !== before && !this.#enough(); ) {
      before = best;
      for (const simplify of simplifications) {
        // A kind that could be left out leaves others to be left out.
        for (let smaller: Case | undefined = best; smaller !== undefined; ) {
          best = smaller;
          smaller = simplify(best).find(tryOne);
        }
      }
      const { options } = best;
      const plan = minimiseList(best.plan, (rest) => tryOne({ options, plan: rest }), this.#enough);
      if (plan.length < best.plan.length) best = { options, plan };
      this.#tell(sizeOf(best));
    }
    return best;
  }

  story(lifetime: Case): ShrunkStory | null {
    const recorder = new Recorder();
    run(lifetime, recorder);
    const { steps, endedAt } = recorder;
    const first = this.#failingSeed({
      nodes: lifetime.options.nodes,
      options: storyOptions(lifetime.options, strikesIn(steps)),
      steps,
      judgedAt: endedAt,
    });
    if (first === null) return null;
    let story = first;
    for (let before = 0; story.steps.length !== before && !this.#enough(); ) {
      before = story.steps.length;
      story = this.#rounded(this.#withFewerSteps(story));
      story = this.#plainer(this.#calmed(story));
      story = this.#reseeded(story);
      this.#tell(`${story.steps.length} steps`);
    }
    return story;
  }

  #failingSeed(story: ShrunkStory): ShrunkStory | null {
    const { seed = 1 } = story.options;
    for (let more = 0; more <= otherSeeds && !this.#enough(); more++) {
      const candidate = { ...story, options: { ...story.options, seed: seed + more } };
      if (this.#failsTold(candidate)) return candidate;
    }
    return null;
  }

  #withFewerSteps(story: ShrunkStory): ShrunkStory {
    const told = (steps: readonly Step[]) => ({
      ...story,
      steps,
      options: withStrikes(story.options, steps),
    });
    return told(minimiseList(story.steps, (rest) => this.#failsTold(told(rest)), this.#enough));
  }

  /** Times that can be read, and no longer than it takes. */
  #rounded(story: ShrunkStory): ShrunkStory {
    let best = story;
    const last = story.steps.at(-1)?.at ?? 0;
    for (const judgedAt of [last, last + 1000]) {
      if (judgedAt < best.judgedAt && this.#failsTold({ ...best, judgedAt })) best = { ...best, judgedAt };
    }
    for (const digits of [0, 1]) {
      const steps = best.steps.map((step) => ({ ...step, at: Number(step.at.toFixed(digits)) }));
      const judgedAt = Math.ceil(best.judgedAt);
      if (this.#failsTold({ ...best, steps, judgedAt })) return { ...best, steps, judgedAt };
    }
    return best;
  }

  #calmed(story: ShrunkStory): ShrunkStory {
    let best = story;
    for (const name of Object.keys(best.options) as (keyof JudgedOptions)[]) {
      const { [name]: _, ...options } = best.options;
      if (this.#failsTold({ ...best, options })) best = { ...best, options };
    }
    return best;
  }

  /** Less said of each step, and rounder numbers all around. */
  #plainer(story: ShrunkStory): ShrunkStory {
    let best = story;
    story.steps.forEach((_, at) => {
      for (let plainer: ShrunkStory | undefined = best; plainer !== undefined; ) {
        best = plainer;
        plainer = plainerDeeds(best.steps[at]!.deed)
          .map((deed) => ({ ...best, steps: best.steps.with(at, { ...best.steps[at]!, deed }) }))
          .find((candidate) => this.#failsTold(candidate));
      }
    });
    const rounder = [1, 2, 3]
      .map((digits) => ({ ...best, options: rounderOptions(best.options, digits) }))
      .find((candidate) => this.#failsTold(candidate));
    return rounder ?? best;
  }

  /** Leaves out steps that did no more than to move the delays of others: under other delays they are not needed. */
  #reseeded(story: ShrunkStory): ShrunkStory {
    let best = story;
    for (const step of [...story.steps].reverse()) {
      const steps = best.steps.filter((other) => other !== step);
      for (let seed = 1; seed <= seedsPerStep; seed++) {
        const candidate = { ...best, steps, options: withStrikes({ ...best.options, seed }, steps) };
        if (!this.#failsTold(candidate)) continue;
        best = candidate;
        break;
      }
    }
    return best;
  }

  #failsTold(story: ShrunkStory): boolean {
    return this.#fails(() => tellStory(story));
  }

  #fails(live: () => LifetimeReport): boolean {
    if (this.#enough()) return false;
    this.tries++;
    const { violation } = live();
    const same = violation !== null && nameOf(violation) === this.#wanted;
    if (same) this.message = violation.message;
    return same;
  }

  readonly #enough = () => this.#bounds.enough(this.tries);

  #tell(words: string): void {
    this.#bounds.progress?.(words, this.tries);
  }
}

/** What makes two violations the same: the invariant, and of the machine's own assertions, which. */
function nameOf({ invariant, message }: Found): string {
  return invariant === 'assert' ? message.split('\n', 1)[0]!.replace(/\d+/g, '#') : invariant;
}

function sizeOf({ options, plan }: Case): string {
  const { nodes, workload, safetyMs } = options;
  return `${nodes} nodes, ${workload.clients} clients, ${workload.operations} operations, ${plan.length} faults, ${safetyMs} ms`;
}

function withStrikes(options: JudgedOptions, steps: readonly Step[]): JudgedOptions {
  const faults = strikesIn(steps);
  const { faults: _, ...others } = options;
  return Object.keys(faults).length === 0 ? others : { ...others, faults };
}

/** How often each kind strikes as a whole. */
export function strikesIn(steps: readonly Step[]): Partial<Record<FaultKind, number>> {
  const counts: Partial<Record<FaultKind, number>> = {};
  for (const { deed } of steps) {
    if (deed.verb !== 'strike') continue;
    const [kind] = deed.args;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
