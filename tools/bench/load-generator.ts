/** A generator: one process that drives its share of a cell's connections. Started by `load.ts`, and ends with it. */
import { encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { Cell } from './cell.ts';
import type { Endpoint } from './http-connection.ts';
import { LoadLoop } from './load-loop.ts';

/** What a generator is given. */
export interface LoadTask {
  readonly cell: Cell;
  readonly endpoints: readonly Endpoint[];
}

/** What a generator says: how far it is, and at the end its measurements with histograms in their own encoding. */
export type LoadReport =
  | { readonly type: 'progress'; readonly completed: number }
  | {
      readonly type: 'done';
      readonly reads: string;
      readonly writes: string;
      readonly errors: Readonly<Record<string, number>>;
      readonly elapsedMs: number;
    };

const progressEveryMs = 500;

async function generate({ cell, endpoints }: LoadTask): Promise<void> {
  const loop = new LoadLoop(cell, endpoints);
  const report = (message: LoadReport, then = () => {}) => process.send?.(message, then);
  const progress = setInterval(
    () => report({ type: 'progress', completed: loop.completed }),
    progressEveryMs,
  );
  const { reads, writes, errors, elapsedMs } = await loop.run();
  clearInterval(progress);
  const done = { reads: encodeIntoCompressedBase64(reads), writes: encodeIntoCompressedBase64(writes) };
  report({ type: 'done', ...done, errors, elapsedMs }, () => process.disconnect());
}

process.once('message', (task) => generate(task as LoadTask)); // sent by load.ts
process.on('disconnect', () => process.exit(0));
