/** Tells one scenario of `src/scenarios` to a machine with a mutation's patches in it. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestCase } from 'vitest/node';
import { startVitest } from 'vitest/node';
import { applyPatch, coreRoot, type SourcePatch } from '../cli/bundle.ts';
import type { Scenario } from './mutation.ts';

const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

/** What became of the telling. `failed`: the first line of why. */
export type Telling = { readonly ended: 'passed' } | { readonly ended: 'failed'; readonly why: string };

/** Throws unless exactly one scenario has that name: a scenario that is not there would catch nothing, silently. */
export async function tellScenario(
  { file, story }: Scenario,
  patches: readonly SourcePatch[] = [],
): Promise<Telling> {
  const { exitCode } = process;
  const vitest = await startVitest(
    'test',
    [join('src/scenarios', file)],
    {
      root: packageRoot,
      config: false,
      watch: false,
      reporters: [{}],
      testTimeout: scenarioMsMax,
      testNamePattern: `^${escaped(story)}$`,
      maxWorkers: 1,
    },
    { plugins: [patchingPlugin(patches)] },
  );
  try {
    const told = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()]);
    const [only, ...others] = told.filter((test) => test.result().state !== 'skipped');
    if (only === undefined || others.length > 0) {
      const broken = vitest.state.getTestModules().flatMap((module) => module.errors());
      throw new Error(
        `${file} has no one scenario "${story}" ${broken.map(({ message }) => message).join()}`,
      );
    }
    return outcomeOf(only);
  } finally {
    await vitest.close();
    // Vitest marks the whole process as failed when a test has; here a failing scenario is a finding.
    process.exitCode = exitCode;
  }
}

/** A scenario takes a second or two; what a mutation keeps going for ever is ended, and is a failure, in ms. */
const scenarioMsMax = 60_000;

function outcomeOf(test: TestCase): Telling {
  const { state, errors } = test.result();
  if (state === 'passed') return { ended: 'passed' };
  return { ended: 'failed', why: errors?.[0]?.message.split('\n', 1)[0] ?? state };
}

/** The same patches as in a bundle, made as vitest loads core's sources. */
function patchingPlugin(patches: readonly SourcePatch[]) {
  return {
    name: 'mutation',
    enforce: 'pre' as const,
    transform(code: string, id: string): string | null {
      const mine = patches.filter((patch) => id === join(coreRoot, patch.file));
      return mine.length === 0 ? null : mine.reduce(applyPatch, code);
    },
  };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
