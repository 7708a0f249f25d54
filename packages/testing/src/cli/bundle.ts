/**
 * Turns the simulator and the machine under test into one JavaScript file that worker threads load. A bundle starts in
 * milliseconds and runs without a loader in between; and it is where mutations are made, so that core itself
 * carries no switch for its own tests.
 */
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';

/** Replaces the one occurrence of `find` in a source file of core. */
export interface SourcePatch {
  /** Below `packages/core/src`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Sources of the machine under test. */
export const coreRoot = fileURLToPath(new URL('../../../core/src/', import.meta.url));
const entry = fileURLToPath(new URL('./sim-worker.ts', import.meta.url));
const scenarios = fileURLToPath(new URL('../scenarios/', import.meta.url));

/** Writes the bundle to a new temporary directory; answers its path. Throws if a patch fits nowhere or twice. */
export async function bundleWorker(patches: readonly SourcePatch[] = []): Promise<string> {
  return bundle({ entryPoints: [entry] }, patches);
}

/**
 * As `bundleWorker`, of the source of a scenario as it would stand in `src/scenarios`. To import the bundle is to tell
 * it: its tests run at once, one after the other, and throw where they fail.
 */
export async function bundleScenario(source: string, patches: readonly SourcePatch[] = []): Promise<string> {
  const stdin = { contents: source, resolveDir: scenarios, loader: 'ts' as const };
  return bundle({ stdin, plugins: [testsAtOnce] }, patches);
}

async function bundle(from: BuildOptions, patches: readonly SourcePatch[]): Promise<string> {
  const { STARLING_SIM_CORE: root = coreRoot } = process.env;
  const directory = await mkdtemp(join(tmpdir(), 'starling-sim-'));
  const outfile = join(directory, 'sim-worker.mjs');
  const applied = new Set<SourcePatch>();
  await build({
    ...from,
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: 'inline',
    logLevel: 'error',
    plugins: [core(root, patches, applied), ...(from.plugins ?? [])],
  });
  const unused = patches.find((patch) => !applied.has(patch));
  if (unused !== undefined) throw new Error(`${unused.file} is no part of the simulator`);
  return outfile;
}

/** Stands in for vitest. */
const testsAtOnce: Plugin = {
  name: 'tests at once',
  setup(build) {
    build.onResolve({ filter: /^vitest$/ }, () => ({ path: 'vitest', namespace: 'at-once' }));
    build.onLoad({ filter: /.*/, namespace: 'at-once' }, () => ({
      contents: 'export const test = (_, tell) => tell();',
    }));
  },
};

/** Resolves core's files itself, so that another copy can stand in for them, and patches what it loads. */
function core(root: string, patches: readonly SourcePatch[], applied: Set<SourcePatch>): Plugin {
  return {
    name: 'core',
    setup(build) {
      build.onResolve({ filter: /^@starling\/core\// }, ({ path }) => ({
        path: join(root, path.slice('@starling/core/'.length)),
      }));
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const mine = patches.filter((patch) => path === join(root, patch.file));
        if (mine.length === 0) return null;
        let contents = await readFile(path, 'utf8');
        for (const patch of mine) contents = applyPatch(contents, patch);
        for (const patch of mine) applied.add(patch);
        return { contents, loader: 'ts' };
      });
    },
  };
}

/** The text with the patch in it. A patch whose place is gone, or not unique, is out of date and must be rewritten. */
export function applyPatch(text: string, { file, find, replace }: SourcePatch): string {
  const at = text.indexOf(find);
  if (at < 0) throw new Error(`${file} no longer holds: ${find}`);
  if (text.indexOf(find, at + 1) >= 0) throw new Error(`${file} holds more than once: ${find}`);
  return text.slice(0, at) + replace + text.slice(at + find.length);
}
