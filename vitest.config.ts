import { join, relative } from 'node:path';

const { STARLING_TEST_REPORTS: reports, npm_lifecycle_event: script = 'test' } = process.env;
const folder = relative(import.meta.dirname, process.cwd()).replaceAll('/', '-') || 'root';
/** `packages-testing` for its script `test`, `packages-testing-swarm` for `test:swarm`. */
const name = script.startsWith('test:') ? `${folder}-${script.slice('test:'.length)}` : folder;

type Reporter = 'default' | ['json', { outputFile: string }];

const reporters: Reporter[] = ['default'];
if (reports !== undefined) reporters.push(['json', { outputFile: join(reports, `${name}.json`) }]);

/**
 * Shared by every package: vitest finds it by walking up from the package it runs in. With STARLING_TEST_REPORTS set to
 * a directory, each run leaves its results there as JSON, from which `.ci/run` adds up what passed and failed. The time
 * limit only ends what hangs: on a busy machine a property test may well take the usual five seconds.
 */
export default { test: { reporters, testTimeout: 60_000, hookTimeout: 60_000 } };
