import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, sourceFiles } from '../laws/source-files.ts';
import { boundTestsIn } from './limit-tests.ts';
import { boundsIn, limitsPage } from './limits-page.ts';

describe('docs/limits.md', () => {
  it('says what the source says (`pnpm write-docs` writes it)', () => {
    expect(readFileSync(join(root, 'docs/limits.md'), 'utf8')).toBe(limitsPage(sourceFiles()));
  });
});

describe('bounds in a source file', () => {
  it('are read with their reasons, over several lines too', () => {
    const source =
      'export const limits = {\n  /** Why\n   * so. */\n  a: 1_000,\n  /** B. */\n  b: 2 ** 4,\n} as const;';
    expect(boundsIn(source, 'limits')).toEqual([
      { name: 'a', value: 1000, reason: 'Why so.' },
      { name: 'b', value: 16, reason: 'B.' },
    ]);
  });

  it('must each have a reason and a plain value', () => {
    expect(() => boundsIn('export const limits = {\n  a: 1,\n} as const;', 'limits')).toThrow(
      'without a reason: a',
    );
    expect(() => boundsIn('export const limits = {\n  /** A. */\n  a: b,\n} as const;', 'limits')).toThrow(
      'not b',
    );
  });
});

it('tests at bounds are found by the end of their titles, with their own lines', () => {
  const text = [
    "test('a thing (aLimits.x, bLimits.y)', () => {",
    '  expect(1);',
    '});',
    "  test.each([1])('%s (limits.z)', check);",
    "it('another (and no bound)', () => {});",
  ].join('\n');
  expect(boundTestsIn('p.test.ts', text)).toEqual([
    { bound: 'aLimits.x', path: 'p.test.ts', body: ', () => {\n  expect(1);\n});' },
    { bound: 'bLimits.y', path: 'p.test.ts', body: ', () => {\n  expect(1);\n});' },
    { bound: 'limits.z', path: 'p.test.ts', body: ', check);' },
  ]);
});
