import type { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { nodeLimits } from './limits.ts';
import { startServerThread } from './server-thread.ts';

/** Makes objects that live for a while until the young generation has grown as far as it may, and tells how far. */
const filler = `
  import { getHeapSpaceStatistics } from 'node:v8';
  import { parentPort } from 'node:worker_threads';
  const youngBytes = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size;
  let largest = 0;
  let alive = [];
  for (let made = 0; made < 4_000_000; made++) {
    alive.push([made]);
    if (alive.length === 200_000) {
      alive = alive.slice(100_000);
      largest = Math.max(largest, youngBytes());
    }
  }
  parentPort.postMessage(largest);
`;

const programOf = (source: string) => new URL(`data:text/javascript,${encodeURIComponent(source)}`);

function firstMessage(thread: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
  });
}

it('lets the young generation grow to two halves of so much and no further (nodeLimits.semiSpaceMiBMax)', async () => {
  const largest = await firstMessage(startServerThread(programOf(filler), null));
  expect(largest).toBe(2 * nodeLimits.semiSpaceMiBMax * 1_048_576);
});

it('hands its data over', async () => {
  const echo = `import { parentPort, workerData } from 'node:worker_threads'; parentPort.postMessage(workerData);`;
  const data = { nodeId: 'node-1', secret: new Uint8Array([1, 2, 3]) };
  expect(await firstMessage(startServerThread(programOf(echo), data))).toEqual(data);
});

it('ends with the exit code of its program', async () => {
  const thread = startServerThread(programOf('process.exit(3)'), null);
  expect(await new Promise((resolve) => thread.once('exit', resolve))).toBe(3);
});
