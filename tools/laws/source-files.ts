import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** One TypeScript file of the repository, and what it imports as written. */
export interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly { readonly specifier: string; readonly typeOnly: boolean }[];
}

const importPattern =
  /^\s*(?:import|export)\s+(type\s)?[^'";]*?\bfrom\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

/** Every TypeScript file that git tracks or would track, and that has not just been removed. */
export function sourceFiles(): readonly SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx'], {
    cwd: root,
  });
  return listed
    .toString()
    .split('\n')
    .filter((path) => path !== '' && !path.endsWith('.d.ts') && existsSync(join(root, path)))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      const imports = [...text.matchAll(importPattern)].map((match) => ({
        specifier: match[2] ?? match[3] ?? match[4] ?? '',
        typeOnly: match[1] !== undefined,
      }));
      return { path, text, imports };
    });
}

export function isTest(path: string): boolean {
  return /\.(test|spec|test-kit|arbitrary|bench)\.tsx?$|\/(test|e2e)\/|\/test-[^/]+\.ts$/.test(path);
}
