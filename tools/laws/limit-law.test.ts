/** A bound that no test sits at is a wish: it can be off by one, or not be asked at all, and nobody is told. */
import { expect, it } from 'vitest';
import { boundTests } from '../docs/limit-tests.ts';
import { boundsOf, sections } from '../docs/limits-page.ts';
import { sourceFiles } from './source-files.ts';

const bounds = sections.flatMap((section) =>
  boundsOf(section).map(({ name }) => `${section.object}.${name}`),
);
const self = 'tools/docs/limits-page.test.ts';
const tests = boundTests(sourceFiles()).filter(({ path }) => path !== self);

it('has a test at every bound, which names it at the end of its title', () => {
  const tested = new Set(tests.map(({ bound }) => bound));
  expect(bounds.filter((bound) => !tested.has(bound))).toEqual([]);
});

it('has no test of a bound that there is not', () => {
  expect(
    tests.filter(({ bound }) => !bounds.includes(bound)).map(({ bound, path }) => `${path}: ${bound}`),
  ).toEqual([]);
});

it('asserts something in each of these tests', () => {
  const idle = tests.filter(({ body }) => !/\bexpect\b|\bassert\b|\bjudge\b/.test(body));
  expect(idle.map(({ bound, path }) => `${path}: ${bound}`)).toEqual([]);
});
