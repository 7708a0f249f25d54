import { isTest, type SourceFile } from '../laws/source-files.ts';

/**
 * Which tests sit at which bound. A test says so at the end of its title: `(apiLimits.keyBytesMax)`, or several names
 * with commas between. So `vitest -t apiLimits.keyBytesMax` runs what guards a bound.
 */

/** One test that says it sits at a bound. */
export interface BoundTest {
  /** `object.name`, as in `nodeLimits.peerIdleMs`. */
  readonly bound: string;
  readonly path: string;
  /** The test's own lines, up to where the next test begins. */
  readonly body: string;
}

const titlePattern = /['"`][^'"`\n]*\(((?:\w*[lL]imits\.\w+(?:, )?)+)\)['"`]/g;
const nextPattern = /\n\s*(?:test|it|describe)\b[.(]/g;

/** Every test among `files` whose title names bounds, one entry for each name. */
export function boundTests(files: readonly SourceFile[]): BoundTest[] {
  return files.filter(({ path }) => isTest(path)).flatMap(({ path, text }) => boundTestsIn(path, text));
}

export function boundTestsIn(path: string, text: string): BoundTest[] {
  return [...text.matchAll(titlePattern)].flatMap((match) => {
    const from = match.index + match[0].length;
    nextPattern.lastIndex = from;
    // A title that is a row of a table is judged by the test that follows the table.
    const isRow = !text.slice(0, match.index).trimEnd().endsWith('(');
    if (isRow) nextPattern.exec(text);
    const body = text.slice(from, nextPattern.exec(text)?.index);
    return (match[1] ?? '').split(', ').map((bound) => ({ bound, path, body }));
  });
}
