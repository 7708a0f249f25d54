import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPatch, bundleWorker } from '../cli/bundle.ts';
import { corpus } from './corpus.ts';
import { type HuntReport, hunt } from './hunt.ts';
import { tellScenario } from './scenario-hunt.ts';

const coreRoot = fileURLToPath(new URL('../../../core/src/', import.meta.url));

/**
 * Every second mutation is hunted here, for so many lifetimes, and so many of them have to be caught by those: more
 * are, but which lifetime catches one changes with every draw, so none is asked for by name. `pnpm sim:mutations` hunts
 * them all, to the end.
 */
const sample = corpus.filter((_, at) => at % 2 === 0);
const quickSeeds = 16;
const quickCaughtMin = 18;
/** Ends only what hangs: the whole sample takes a minute and a half of one core. */
const huntMsMax = 900_000;

describe('the mutation corpus', () => {
  it('names each mutation once', () => {
    const names = corpus.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(corpus)('$name fits the core and changes it', async ({ patches }) => {
    expect(patches.length).toBeGreaterThan(0);
    const texts = new Map<string, string>();
    for (const patch of patches) {
      const text = texts.get(patch.file) ?? (await readFile(join(coreRoot, patch.file), 'utf8'));
      const mutated = applyPatch(text, patch);
      expect(mutated).not.toBe(text);
      texts.set(patch.file, mutated);
    }
  });
});

describe('a hunt', () => {
  let plain = '';
  beforeAll(async () => {
    plain = await bundleWorker();
  });
  afterAll(() => rm(dirname(plain), { recursive: true }));

  it('catches most mutations within a few lifetimes', { timeout: huntMsMax }, async () => {
    const reports: HuntReport[] = [];
    for (const mutation of sample) {
      const options = { plain, workers: 1, first: 1, seedsMax: quickSeeds, msMax: huntMsMax };
      reports.push(await hunt(mutation, options));
    }
    const escaped = reports.filter(({ caught }) => caught === null).map(({ mutation }) => mutation.name);
    expect(sample.length - escaped.length, `not caught: ${escaped.join(', ')}`).toBeGreaterThanOrEqual(
      quickCaughtMin,
    );
  });

  it('says that what breaks nothing has escaped', async () => {
    const harmless = { name: 'harmless', bug: 'none', patches: [], expected: [] };
    const report = await hunt(harmless, { plain, workers: 1, first: 1, seedsMax: 3, msMax: huntMsMax });
    expect(report).toMatchObject({ caught: null, stray: null, lifetimes: 3 });
  }, 120_000);
});

describe('a scenario that a mutation names', () => {
  const told = corpus.flatMap(({ name, scenario, patches }) =>
    scenario === undefined ? [] : [{ name, scenario, patches }],
  );

  it.each(told)('passes, and fails with $name in', { timeout: huntMsMax }, async ({ scenario, patches }) => {
    expect(await tellScenario(scenario)).toEqual({ ended: 'passed' });
    expect(await tellScenario(scenario, patches)).toMatchObject({ ended: 'failed' });
  });
});
