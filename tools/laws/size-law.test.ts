/** Small files, no notes to self: what makes the next change obvious is that there is little to read before it. */
import { expect, it } from 'vitest';
import { isTest, sourceFiles } from './source-files.ts';

/** Lines of one source file. A file above it holds more than one idea. */
const linesMax = 320;

const sources = sourceFiles().filter((file) => !isTest(file.path));

it('keeps every source file within its bound, or says in its header why not', () => {
  const long = sources
    .filter((file) => file.text.split('\n').length > linesMax + 1 && !/Long on purpose: /.test(file.text))
    .map((file) => `${file.path}: ${file.text.split('\n').length} lines`);
  expect(long).toEqual([]);
});

it('leaves no notes to self and no switched-off checks', () => {
  const pattern = /\b(TODO|FIXME|XXX|HACK)\b|@ts-ignore|@ts-nocheck/;
  const self = 'tools/laws/size-law.test.ts';
  const noted = sourceFiles().filter((file) => file.path !== self && pattern.test(file.text));
  // A test may expect a type error: that is how it shows that a wrong call does not compile.
  const silenced = sources.filter((file) => file.text.includes('@ts-expect-error'));
  expect([...noted, ...silenced].map((file) => file.path)).toEqual([]);
});
