import { join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import { Cluster, consoleOrigin, consolePort, originOf } from './cluster.ts';
import { Process, until } from './processes.ts';

const webDirectory = join(import.meta.dirname, '..');
const serverProgram = join(webDirectory, 'server/main.ts');

interface Fixtures {
  readonly cluster: Cluster;
  /** What a browser prints on its own when a node is gone or an answer is an error; a test that provokes it says so. */
  readonly expectedNoise: RegExp | null;
}

interface WorkerFixtures {
  /** The built console, running. */
  readonly consoleServer: Process;
}

async function startConsole(): Promise<Process> {
  const server = new Process('--import', ['tsx', serverProgram], {
    NODE_ENV: 'production',
    STARLING_CONSOLE_PORT: String(consolePort),
    STARLING_NODES: [1, 2, 3].map(originOf).join(','),
    NEXT_TELEMETRY_DISABLED: '1',
  });
  await until('the console', 20_000, async () => (await fetch(`${consoleOrigin}/icon.svg`)).ok);
  // Another process on its port would have answered in its place.
  if (!server.running) throw new Error(`the console ended:\n${server.said}`);
  return server;
}

/** Fails a test whose page prints an error, throws, or asks another host for anything. */
function watch(page: Page, expectedNoise: RegExp | null): () => void {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'error' || expectedNoise?.test(message.text()) === true) return;
    problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`thrown: ${error.message}`));
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol !== 'data:' && protocol !== 'blob:' && hostname !== '127.0.0.1') {
      problems.push(`foreign request: ${request.url()}`);
    }
  });
  return () => expect(problems).toEqual([]);
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  consoleServer: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs from this pattern.
    async ({}, use) => {
      const server = await startConsole();
      await use(server);
      await server.end('SIGTERM');
    },
    { scope: 'worker' },
  ],
  expectedNoise: [null, { option: true }],
  // biome-ignore lint/correctness/noEmptyPattern: as above.
  cluster: async ({}, use) => {
    const cluster = await Cluster.create();
    await use(cluster);
    await cluster.end();
  },
  baseURL: async ({ consoleServer }, use) => {
    expect(consoleServer.running, consoleServer.said).toBe(true);
    await use(consoleOrigin);
  },
  // Needs the cluster only to be judged before it ends: what is torn down under a page is no fault of the page.
  page: async ({ page, expectedNoise, cluster: _ }, use) => {
    const judge = watch(page, expectedNoise);
    await use(page);
    judge();
  },
});

/** A lost node and a refused request are told by the browser itself, whatever the page does with them. */
export const networkNoise = /WebSocket connection to|Failed to load resource/;

/** Leaves a mark in the page that a reload would wipe out. */
export async function markPage(page: Page): Promise<void> {
  await page.evaluate(() => {
    document.documentElement.dataset['sameDocument'] = 'yes';
  });
}

export async function expectSamePage(page: Page): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('data-same-document', 'yes');
}

export { expect };
