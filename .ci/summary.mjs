/**
 * Adds up the JSON reports that vitest and Playwright left in a directory (first argument), and the exit code of the
 * whole run (second). A package whose tests left no report, and a run that failed without a failing test (a lint or
 * type error, a crash), each count as one failure. Exits 0 only if tests passed and none failed.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const [, , directory, exitCode] = process.argv;
const root = join(import.meta.dirname, '..');
let passed = 0;
let failed = 0;
/** Enough for an assertion with its values and the first frame of its stack. */
const reasonLinesMax = 12;
/** A longer line holds a whole value, of which the beginning is telling enough. */
const lineCharsMax = 400;

function fail(count, what) {
  failed += count;
  if (count > 0) console.log(`failed: ${what}`);
}

/** The end of a long run is often all that is kept of it: the reason of a failure belongs there. */
function tell(title, reason) {
  console.log(`  ${title}`);
  const lines = stripVTControlCharacters(reason ?? '').split('\n');
  const ours = lines.filter((line) => !line.includes('/node_modules/'));
  for (const line of ours.slice(0, reasonLinesMax)) console.log(`    ${line.slice(0, lineCharsMax)}`);
}

/** vitest: a file that could not be loaded has failed without having a test. */
function addVitest(name, { numPassedTests, numFailedTests, testResults }) {
  passed += numPassedTests;
  fail(numFailedTests, `${numFailedTests} tests of ${name}`);
  for (const file of testResults) {
    for (const test of file.assertionResults)
      if (test.status === 'failed')
        tell(`${basename(file.name)} > ${test.fullName}`, test.failureMessages.join('\n'));
    if (file.status === 'failed' && file.assertionResults.length === 0) {
      fail(1, `${basename(file.name)} of ${name} did not run`);
      tell(basename(file.name), file.message);
    }
  }
}

/** Playwright: a test that passed only when tried again has failed. */
function addPlaywright(name, { stats, suites }) {
  passed += stats.expected;
  fail(stats.unexpected + stats.flaky, `${stats.unexpected + stats.flaky} browser tests of ${name}`);
  for (const suite of suites) tellSuite(suite);
}

function tellSuite({ file, specs = [], suites = [] }) {
  for (const { title, tests } of specs)
    for (const { status, results } of tests)
      if (status === 'unexpected' || status === 'flaky')
        tell(`${file} > ${title}`, results.find(({ error }) => error)?.error.message);
  for (const suite of suites) tellSuite(suite);
}

const seen = new Set();
for (const file of readdirSync(directory)) {
  const name = basename(file, '.json');
  seen.add(name);
  const report = JSON.parse(readFileSync(join(directory, file), 'utf8'));
  if ('numPassedTests' in report) addVitest(name, report);
  else addPlaywright(name, report);
}

/** Packages and the names of the reports their scripts leave. */
function expectedReports() {
  const folders = [
    'tools',
    ...['apps', 'packages'].flatMap((group) =>
      readdirSync(join(root, group)).map((name) => `${group}/${name}`),
    ),
  ];
  return folders.flatMap((folder) => {
    const manifest = join(root, folder, 'package.json');
    if (!existsSync(manifest)) return [];
    const { scripts = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
    const name = folder.replaceAll('/', '-');
    return Object.keys(scripts)
      .filter((script) => script === 'test' || script.startsWith('test:'))
      .map((script) => script.replace('test:', `${name}-`).replace(/^test$/, name));
  });
}

for (const name of expectedReports()) if (!seen.has(name)) fail(1, `${name} left no report`);
if (exitCode !== '0' && failed === 0)
  fail(1, `the run ended with code ${exitCode}: see lint, types and builds above`);

console.log(`${passed} passed, ${failed} failed`);
process.exit(passed > 0 && failed === 0 ? 0 : 1);
