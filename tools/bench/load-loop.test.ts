import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Cell } from './cell.ts';
import { divide } from './load.ts';
import { LoadLoop } from './load-loop.ts';

const cell: Cell = {
  workload: 'C',
  distribution: 'uniform',
  valueBytes: 100,
  connections: 4,
  ratePerSecond: null,
  seconds: 0.5,
  warmupSeconds: 0,
  keys: 10,
};

/** Measures `cell` against a server that answers each request after `delayMs`, one request at a time over all connections. */
async function measureSerial(delayMs: number, what: Cell) {
  let last = Promise.resolve();
  const server = createServer((_, response) => {
    last = last.then(() => new Promise((resolve) => setTimeout(resolve, delayMs)));
    last.then(() => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    return await new LoadLoop(what, [{ host: '127.0.0.1', port }]).run();
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('load loop', () => {
  it('sees only the delay of its own requests in a closed loop, and the whole queue in an open one', async () => {
    const closed = await measureSerial(10, cell);
    // 1 000 requests a second are due, a hundred are answered: those due late in the run have waited for most of it.
    const open = await measureSerial(10, { ...cell, ratePerSecond: 1000 });
    // Counted from when they were due, in µs, however slow the machine: half the run at least.
    expect(open.reads.maxValue).toBeGreaterThan((cell.seconds * 1e6) / 2);
    expect(open.reads.maxValue).toBeGreaterThan(4 * closed.reads.minNonZeroValue);
  });

  it('divides connections and rate over generators without losing any', () => {
    const shares = divide({ ...cell, connections: 5, ratePerSecond: 100 }, 2);
    expect(shares.map(({ connections }) => connections)).toEqual([3, 2]);
    expect(shares.map(({ ratePerSecond }) => ratePerSecond)).toEqual([60, 40]);
  });
});
