/**
 * `pnpm dev`: builds the node, starts three of them and the console, and ends all of them on Ctrl-C, SIGTERM, or when
 * the package manager it runs under goes away. A node that ends stays ended: that is how one tries a failure.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { whenLauncherGone } from './ancestors.ts';
import { Child, say } from './child.ts';

const root = join(import.meta.dirname, '../..');
const { STARLING_CONSOLE_PORT = '3000', STARLING_DEV_PORT = '8081' } = process.env;
const consolePort = Number(STARLING_CONSOLE_PORT);
const firstPort = Number(STARLING_DEV_PORT);
const ports = [firstPort, firstPort + 1, firstPort + 2];
const readyDeadlineMs = 30_000;

const children: Child[] = [];
let stopping: Promise<void> | null = null;

function stopAll(): Promise<void> {
  stopping ??= Promise.all(children.map((child) => child.stop())).then(() => undefined);
  return stopping;
}

async function end(code: number, why: string): Promise<never> {
  if (stopping === null) say('dev', `${why}: stopping all`);
  await stopAll();
  process.exit(code);
}

function dataDir(number: number): string {
  return join('data', `node-${number}`);
}

function nodeCommand(number: number): [string, ...string[]] {
  const others = [1, 2, 3].filter((other) => other !== number);
  // The first node of all founds the cluster, so it must have no seeds; once others exist it would only look for them.
  const founds = number === 1 && !others.some((other) => existsSync(join(root, dataDir(other))));
  const seeds = founds ? [] : others.map((other) => `--seed-node=127.0.0.1:${ports[other - 1]}`);
  const flags = [`--node-id=node-${number}`, `--port=${ports[number - 1]}`, `--data-dir=${dataDir(number)}`];
  const origins = ['localhost', '127.0.0.1'].map((host) => `--console-origin=http://${host}:${consolePort}`);
  return ['node', 'apps/node/dist/main.js', ...flags, ...origins, ...seeds];
}

function startNode(number: number): Child {
  const command = nodeCommand(number);
  const child = new Child(`node-${number}`, command, { cwd: root, env: process.env });
  children.push(child);
  child.ended.then((how) => {
    if (stopping === null) say(child.name, `ended ${how}; start it again with: ${command.join(' ')}`);
  });
  return child;
}

async function ready(child: Child, port: number): Promise<boolean> {
  const deadline = Date.now() + readyDeadlineMs;
  while (child.running && Date.now() < deadline) {
    const answered = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answered) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

function startConsole(): Child {
  const nodes = ports.map((port) => `http://127.0.0.1:${port}`).join(',');
  const env = {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: '1',
    STARLING_NODES: nodes,
    STARLING_CONSOLE_PORT: String(consolePort),
  };
  const child = new Child('console', ['pnpm', '--filter', '@starling/web', 'dev'], { cwd: root, env });
  children.push(child);
  child.ended.then((how) => end(1, `the console ended ${how}`));
  return child;
}

async function main(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0, signal));
  whenLauncherGone(() => end(0, 'the package manager has gone'));
  say('dev', 'building the node');
  execFileSync(process.execPath, ['build.mjs'], { cwd: join(root, 'apps/node'), stdio: 'inherit' });
  say('dev', `starting three nodes on ports ${ports.join(', ')} and the console on ${consolePort}`);
  const nodes = ports.map((_, i) => startNode(i + 1));
  startConsole();
  const answers = await Promise.all(nodes.map((node, i) => ready(node, ports[i]!)));
  if (answers.includes(false)) await end(1, 'a node did not become ready');
  say(
    'dev',
    `three nodes are ready: curl -X PUT localhost:${ports[0]}/api/v1/data/hello -d '{"value":"world"}'`,
  );
  say('dev', `console: http://localhost:${consolePort} · end with Ctrl-C`);
}

await main();
