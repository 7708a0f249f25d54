import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const { STARLING_TEST_MAIN } = process.env;

/** The server that the tests start: another build than the source's own can be named in STARLING_TEST_MAIN. */
export const mainFile = STARLING_TEST_MAIN ?? join(import.meta.dirname, '../../dist/main.js');

/** Builds the server first, so that the tests never run an older one. */
export function setup(): void {
  if (STARLING_TEST_MAIN !== undefined) return;
  execFileSync(process.execPath, ['build.mjs'], { cwd: join(import.meta.dirname, '../..'), stdio: 'ignore' });
}
