/**
 * Who may import whom. The law keeps the core free of the world, the console free of the core, and each folder of the
 * core understandable alone; a list of exceptions would be the beginning of its end, so there is none.
 */
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isTest, type SourceFile, sourceFiles } from './source-files.ts';

/** Packages each part may name. `@starling/…` is written out; everything else not listed in `free` is a violation. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'packages/core': [],
  'packages/api-types': ['zod', '@trpc/server'],
  'packages/client': ['@starling/api-types', '@trpc/client', '@trpc/server'],
  'packages/testing': ['@starling/core', '@starling/api-types'],
};

const bannedIn: Readonly<Record<string, readonly string[]>> = {
  'apps/web': ['@starling/core', '@starling/testing', '@starling/node'],
  'apps/node': ['@starling/testing', '@starling/web'],
};

/** Folders of the core from the ground up: a folder may use those of lower floors, and on its own floor only itself. */
const floors: Readonly<Record<string, number>> = {
  base: 0,
  storage: 1,
  codec: 1,
  causality: 1,
  ring: 1,
  paxos: 1,
  replica: 2,
  membership: 2,
  coordinator: 2,
  hints: 2,
  transfer: 2,
  antientropy: 2,
  node: 3,
};

const files = sourceFiles();

function partOf(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}

function violations(check: (file: SourceFile) => readonly string[]): string[] {
  return files.flatMap((file) => check(file).map((why) => `${file.path}: ${why}`));
}

describe('the import law', () => {
  it('sees the imports it judges', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(
      files.find((file) => file.path === 'packages/core/src/node/parts.ts')?.imports.length,
    ).toBeGreaterThan(20);
  });

  it('lets each package name only what it may', () => {
    expect(
      violations((file) => {
        const names = allowed[partOf(file.path)];
        if (names === undefined || isTest(file.path)) return [];
        return file.imports
          .filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
          .filter(
            ({ specifier }) => !names.some((name) => specifier === name || specifier.startsWith(`${name}/`)),
          )
          .filter(() => !file.path.startsWith('packages/testing/'))
          .map(({ specifier }) => `names ${specifier}`);
      }),
    ).toEqual([]);
  });

  it('keeps the core free of the platform', () => {
    expect(
      violations((file) =>
        file.path.startsWith('packages/core/') && !isTest(file.path)
          ? file.imports
              .filter(({ specifier }) => specifier.startsWith('node:'))
              .map(({ specifier }) => `names ${specifier}`)
          : [],
      ),
    ).toEqual([]);
  });

  it('keeps the console from the core, and products from test code', () => {
    expect(
      violations((file) => {
        const names = bannedIn[partOf(file.path)];
        if (names === undefined || isTest(file.path)) return [];
        return file.imports
          .filter(({ specifier }) => names.some((name) => specifier.startsWith(name)))
          .map(({ specifier }) => `names ${specifier}`);
      }),
    ).toEqual([]);
  });

  it('lets nothing reach into an app from outside', () => {
    expect(
      violations((file) =>
        file.imports
          .filter(({ specifier }) => specifier.startsWith('.'))
          .map(({ specifier }) => posix.join(posix.dirname(file.path), specifier))
          .filter((target) => target.startsWith('apps/') && partOf(target) !== partOf(file.path))
          .map((target) => `reaches into ${target}`),
      ),
    ).toEqual([]);
  });

  it('keeps the folders of the core from each other, types aside', () => {
    expect(
      violations((file) => {
        const from = /^packages\/core\/src\/([^/]+)\//.exec(file.path)?.[1];
        if (from === undefined || isTest(file.path)) return [];
        return file.imports
          .filter(({ specifier, typeOnly }) => specifier.startsWith('.') && !typeOnly)
          .map(({ specifier }) => posix.join(posix.dirname(file.path), specifier).split('/')[3] ?? '')
          .filter((to) => to !== from && !isBelow(from, to))
          .map((to) => `uses ${to}`);
      }),
    ).toEqual([]);
  });
});

/** The ground floors know each other (a ring is made of keys, a record of clocks); the middle ones never do. */
function isBelow(from: string, to: string): boolean {
  const [fromFloor, toFloor] = [floors[from], floors[to]];
  if (fromFloor === undefined || toFloor === undefined) return false;
  return toFloor < fromFloor || (toFloor === 1 && fromFloor === 1);
}
