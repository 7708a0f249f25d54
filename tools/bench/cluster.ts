import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settled, startNode, stopNode } from '../cluster/node-process.ts';
import type { Endpoint } from './http-connection.ts';
import { type ProcessUsage, processUsage } from './process-usage.ts';

/** A cluster of this machine's own, on temporary directories, that lives as long as the bench. */
export interface BenchCluster {
  readonly endpoints: readonly Endpoint[];
  /** Of each node, in order. */
  usage(): (ProcessUsage | null)[];
  stop(): Promise<void>;
}

/** Starts `size` nodes on consecutive ports and waits until each sees all of them as owners of the ring. */
export async function startCluster(size: number, firstPort: number): Promise<BenchCluster> {
  const directory = mkdtempSync(join(tmpdir(), 'starling-bench-'));
  const endpoints = Array.from({ length: size }, (_, i) => ({ host: '127.0.0.1', port: firstPort + i }));
  const nodes = endpoints.map(({ port }, i) =>
    startNode(i + 1, port, join(directory, `node-${i + 1}`), i === 0 ? null : firstPort),
  );
  const stop = async () => {
    await Promise.all(nodes.map((node) => stopNode(node)));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await settled(endpoints, nodes);
  } catch (cause) {
    await stop();
    throw cause;
  }
  return {
    endpoints,
    stop,
    usage: () => nodes.map(({ pid }) => (pid === undefined ? null : processUsage(pid))),
  };
}
