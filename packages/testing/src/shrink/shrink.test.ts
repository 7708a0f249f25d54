import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleScenario, bundleWorker, type SourcePatch } from '../cli/bundle.ts';
import type * as SimWorker from '../cli/sim-worker.ts';
import { corpus } from '../mutations/corpus.ts';
import { storyOptions } from '../scenario/story-options.ts';
import { planFaults } from '../sim/fault-plan.ts';
import { runLifetime } from '../sim/lifetime.ts';
import { drawOptions } from '../sim/options.ts';
import { realMachine } from '../sim/swarm.ts';
import { Recorder } from './recorder.ts';
import { shrinkSeed, strikesIn, tellStory } from './shrink.ts';

/** Seeds within which each of the mutations below fails. */
const seedsMax = 60;
const triesMax = 1200;
const failuresMax = 4;

/** Why a scenario fails; null if it passes. */
async function tellText(source: string, patches: readonly SourcePatch[]): Promise<string | null> {
  const bundle = await bundleScenario(source, patches);
  try {
    await import(bundle);
    return null;
  } catch (cause) {
    return cause instanceof Error && 'invariant' in cause ? String(cause.invariant) : String(cause);
  } finally {
    await rm(dirname(bundle), { recursive: true });
  }
}

async function withMutated<T>(
  patches: readonly SourcePatch[],
  use: (worker: typeof SimWorker) => T,
): Promise<T> {
  const bundle = await bundleWorker(patches);
  try {
    return use(await import(bundle));
  } finally {
    await rm(dirname(bundle), { recursive: true });
  }
}

/**
 * The first of a few failing seeds that can be told: what hangs on the microseconds of one run cannot, and which seeds
 * do changes with every draw.
 */
function firstStory(name: string, { runSeed, shrinkSeed: shrink, scenarioText }: typeof SimWorker) {
  let failures = 0;
  for (let seed = 1; seed <= seedsMax && failures < failuresMax; seed++) {
    const { violation } = runSeed(seed).report;
    if (violation === null) continue;
    failures++;
    const shrunk = shrink(seed, { enough: (tries) => tries >= triesMax });
    if (shrunk?.story == null) continue;
    const { story, invariant, tries } = shrunk;
    const text = scenarioText({ ...shrunk, story });
    return { invariant, tries, violation, text, steps: story.steps.length };
  }
  throw new Error(`no failure of ${name} could be told`);
}

describe('a failing seed', () => {
  it.each([
    ['no-write-back', 12],
    ['retry-applied-again', 12],
    ['suspicion-not-refuted', 12],
    ['context-covers-everything', 12],
  ])(
    'of a machine with %s becomes a scenario that fails there, in at most %i steps, and passes here',
    { timeout: 300_000 },
    async (name, stepsMax) => {
      const { patches } = corpus.find((mutation) => mutation.name === name)!;
      const found = await withMutated(patches, (worker) => firstStory(name, worker));
      expect(found.invariant).toBe(found.violation.invariant);
      expect(found.steps).toBeLessThanOrEqual(stepsMax);
      expect(found.tries).toBeLessThanOrEqual(triesMax);
      expect(await tellText(found.text, patches), found.text).toBe(found.violation.invariant);
      expect(await tellText(found.text, []), found.text).toBeNull();
    },
  );

  it('that does not fail is not shrunk', () => {
    expect(shrinkSeed(1, { enough: () => false })).toBeNull();
  });
});

describe('a lifetime that breaks nothing', () => {
  it.each([2, 7, 11, 19, 23, 30])('breaks nothing when it is told as a story (seed %i)', (seed) => {
    const options = drawOptions(seed);
    const recorder = new Recorder();
    const lived = runLifetime(options, { make: realMachine, plan: planFaults(options), chronicle: recorder });
    const { steps, endedAt } = recorder;
    const told = tellStory({
      nodes: options.nodes,
      options: storyOptions(options, strikesIn(steps)),
      steps,
      judgedAt: endedAt,
    });
    expect([lived.violation, told.violation]).toEqual([null, null]);
    // What each does within its deadline is not the same, but it is asked the same.
    const writes = ({ ok, failed, unknown }: typeof told.writes) => ok + failed + unknown;
    expect(writes(told.writes)).toBeGreaterThan(0);
    expect(told.reads).toBeGreaterThan(0);
  });
});
