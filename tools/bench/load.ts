import { fork } from 'node:child_process';
import { decodeFromCompressedBase64, type Histogram } from 'hdr-histogram-js';
import type { Cell } from './cell.ts';
import type { Endpoint } from './http-connection.ts';
import type { LoadReport, LoadTask } from './load-generator.ts';
import { latencyHistogram, type Measured } from './load-loop.ts';

export interface LoadOptions {
  /** Processes that generate load. */
  readonly generators: number;
  /** Called about twice a second with the requests completed so far. */
  readonly onProgress: (completed: number) => void;
}

/** Drives one cell from several processes and adds up what they measured. */
export async function runLoad(
  cell: Cell,
  endpoints: readonly Endpoint[],
  options: LoadOptions,
): Promise<Measured> {
  const shares = divide(cell, Math.min(options.generators, cell.connections));
  const completed = shares.map(() => 0);
  const results = await Promise.all(
    shares.map((share, i) =>
      runGenerator({ cell: share, endpoints }, (count) => {
        completed[i] = count;
        options.onProgress(completed.reduce((a, b) => a + b, 0));
      }),
    ),
  );
  return addUp(results);
}

/** Connections and rate divided over `parts`; the first parts take what does not divide evenly. */
export function divide(cell: Cell, parts: number): Cell[] {
  return Array.from({ length: parts }, (_, i) => {
    const connections = Math.floor(cell.connections / parts) + (i < cell.connections % parts ? 1 : 0);
    const ratePerSecond =
      cell.ratePerSecond === null ? null : cell.ratePerSecond * (connections / cell.connections);
    return { ...cell, connections, ratePerSecond };
  });
}

type Done = Extract<LoadReport, { type: 'done' }>;

function runGenerator(task: LoadTask, onProgress: (completed: number) => void): Promise<Done> {
  return new Promise((resolve, reject) => {
    const generator = fork(new URL('./load-generator.ts', import.meta.url));
    generator.send(task);
    generator.on('message', (report) => {
      const message = report as LoadReport; // sent by load-generator.ts
      if (message.type === 'done') resolve(message);
      else onProgress(message.completed);
    });
    generator.on('error', reject);
    generator.on('exit', (code) =>
      reject(new Error(`a generator ended with code ${code} before it was done`)),
    );
  });
}

function addUp(results: readonly Done[]): Measured {
  const reads = latencyHistogram();
  const writes = latencyHistogram();
  const errors: Record<string, number> = {};
  for (const result of results) {
    reads.add(decoded(result.reads));
    writes.add(decoded(result.writes));
    for (const [status, count] of Object.entries(result.errors))
      errors[status] = (errors[status] ?? 0) + count;
  }
  return { reads, writes, errors, elapsedMs: Math.max(...results.map(({ elapsedMs }) => elapsedMs)) };
}

type JsHistogram = Parameters<Histogram['add']>[0];

function decoded(base64: string): JsHistogram {
  return decodeFromCompressedBase64(base64);
}
