import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPatch, bundleWorker } from '../cli/bundle.ts';
import { corpus } from './corpus.ts';
import { hunt } from './hunt.ts';

const coreRoot = fileURLToPath(new URL('../../../core/src/', import.meta.url));

/** Mutations that a few lifetimes catch; `pnpm sim:mutations` hunts them all. */
const quickest = ['ack-before-durable', 'context-covers-everything', 'merge-is-a-union'];
/** Several times the lifetimes that each of them has needed. */
const quickSeeds = 200;
const quickMs = 110_000;

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

  it.each(corpus.filter(({ name }) => quickest.includes(name)))(
    'catches $name within a few lifetimes',
    async (mutation) => {
      const options = { plain, workers: 1, first: 1, seedsMax: quickSeeds, msMax: quickMs };
      const { caught } = await hunt(mutation, options);
      expect(mutation.expected).toContain(caught?.invariant);
    },
    quickMs + 10_000,
  );

  it('says that what breaks nothing has escaped', async () => {
    const harmless = { name: 'harmless', bug: 'none', patches: [], expected: [] };
    const report = await hunt(harmless, { plain, workers: 1, first: 1, seedsMax: 3, msMax: quickMs });
    expect(report).toMatchObject({ caught: null, seeds: 3 });
  }, 120_000);
});
