import type * as SimWorker from './sim-worker.ts';

export interface ShrinkLimits {
  /** Lifetimes tried. */
  readonly triesMax: number;
  /** Wall time, in ms. */
  readonly msMax: number;
}

/** Shrinks a seed that fails in this bundle and prints what is left of it; progress goes to stderr. */
export async function shrinkAndTell(
  bundle: string,
  seed: number,
  { triesMax, msMax }: ShrinkLimits,
): Promise<void> {
  const { scenarioText, shrinkSeed }: typeof SimWorker = await import(bundle);
  const begun = Date.now();
  process.stderr.write(`shrinking seed ${seed}, at most ${triesMax} lifetimes or ${msMax / 1000} s\n`);
  const shrunk = shrinkSeed(seed, {
    enough: (tries) => tries >= triesMax || Date.now() - begun >= msMax,
    progress: (words, tries) => process.stderr.write(`  ${words}, after ${tries} lifetimes\n`),
  });
  if (shrunk === null) {
    process.stdout.write(`seed ${seed} breaks nothing when it is run alone\n`);
    return;
  }
  const { story, lifetime, invariant, tries } = shrunk;
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  const options = JSON.stringify({ ...lifetime.options, faults: {} });
  process.stdout.write(
    story === null
      ? `${invariant} is broken by this lifetime, but not once it is told as a story (${tries} lifetimes, ${seconds} s):\n${options}\n${JSON.stringify(lifetime.plan)}\n`
      : `${invariant} is broken by this scenario of ${story.steps.length} steps (${tries} lifetimes, ${seconds} s):\n\n${scenarioText({ ...shrunk, story })}`,
  );
}
