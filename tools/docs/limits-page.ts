import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { root, type SourceFile } from '../laws/source-files.ts';
import { boundTests } from './limit-tests.ts';

/** One bound as it stands in the source. */
export interface Bound {
  readonly name: string;
  readonly value: number;
  readonly reason: string;
}

export interface Section {
  readonly title: string;
  readonly file: string;
  /** The object literal that holds the bounds. */
  readonly object: string;
}

export const sections: readonly Section[] = [
  { title: 'The public contract', file: 'packages/api-types/src/limits.ts', object: 'apiLimits' },
  { title: 'The database core', file: 'packages/core/src/base/limits.ts', object: 'limits' },
  { title: 'The HTTP edge of a node', file: 'apps/node/src/http/limits.ts', object: 'httpLimits' },
  { title: 'The server process', file: 'apps/node/src/limits.ts', object: 'nodeLimits' },
  { title: 'The client', file: 'packages/client/src/limits.ts', object: 'clientLimits' },
];

const head = `# Limits

Every queue, page, message, cache and wait of Starling has a bound with a name, a unit (the last word of its name, or the
word before \`Max\` and \`Min\`), a reason, and a test that sits at it. This page is made from the source by
\`pnpm write-docs\`; a test keeps the two equal. \`vitest -t apiLimits.keyBytesMax\` runs the tests of one bound.
What happens at a bound: a request over it is answered with 413, 429 or 503 and a code that names it, a peer's message over
it is not read, and work over it waits or is dropped and counted. None is exceeded silently.
`;

/** docs/limits.md as the source says it should be. */
export function limitsPage(files: readonly SourceFile[]): string {
  const tests = boundTests(files);
  const testsOf = (bound: string) =>
    [...new Set(tests.filter((test) => test.bound === bound).map(({ path }) => path))].sort();
  return [head, ...sections.map((section) => sectionText(section, testsOf))].join('\n');
}

/** The bounds of one section, in the order of the source. */
export function boundsOf({ file, object }: Section): Bound[] {
  return boundsIn(readFileSync(join(root, file), 'utf8'), object);
}

function sectionText(section: Section, testsOf: (bound: string) => readonly string[]): string {
  const { title, file, object } = section;
  const rows = boundsOf(section).map(({ name, value, reason }) => {
    const tests = testsOf(`${object}.${name}`).map(linkTo).join(', ');
    return `| \`${name}\` | ${grouped(value)} | ${reason} | ${tests} |`;
  });
  return [
    `## ${title}`,
    '',
    `\`${file}\`, as \`${object}\``,
    '',
    '| bound | value | reason | tested in |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function linkTo(path: string): string {
  return `[${posix.basename(path)}](../${path})`;
}

const entryPattern = /\/\*\*([\s\S]*?)\*\/\s*(\w+):\s*([^,]+),/g;

/** The bounds in the literal of `object`. Throws where one has no comment, for then it has no reason. */
export function boundsIn(source: string, object: string): Bound[] {
  const start = source.indexOf(`export const ${object} = {`);
  const literal = source.slice(start, source.indexOf('} as const', start));
  const bounds = [...literal.matchAll(entryPattern)].map(([, comment = '', name = '', value = '']) => ({
    name,
    value: plainNumber(value),
    reason: comment.replaceAll(/\s*\n\s*\*\s*/g, ' ').trim(),
  }));
  const names = [...literal.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name);
  const unexplained = names.filter((name) => !bounds.some((bound) => bound.name === name));
  if (unexplained.length > 0)
    throw new Error(`${object} has bounds without a reason: ${unexplained.join(', ')}`);
  return bounds;
}

/** A number, which may be a fraction, or one whole number to the power of another. */
function plainNumber(text: string): number {
  const match = /^([\d_]+(?:\.\d+)?)(?:\s*\*\*\s*([\d_]+))?$/.exec(text.trim());
  if (match === null) throw new Error(`a bound must be a plain number, not ${text}`);
  const base = Number(match[1]!.replaceAll('_', ''));
  return match[2] === undefined ? base : base ** Number(match[2].replaceAll('_', ''));
}

/** 1048576 is `1 048 576`. */
function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, '\u00a0');
}
