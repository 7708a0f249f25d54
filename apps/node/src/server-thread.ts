import { Worker } from 'node:worker_threads';
import { nodeLimits } from './limits.ts';

/** Tells the server to stop in order, in the words of the signal that asked for it. */
export interface StopOrder {
  readonly signal: NodeJS.Signals;
}

/** V8 divides its young generation in three: two halves that objects move between, and as much again for large ones. */
const youngParts = 3;

/**
 * Runs a program in a thread of its own, with more room for objects that die young than V8 gives the thread a process
 * starts with; from within a program that cannot be asked for (docs/decisions/0087).
 */
export function startServerThread(program: URL, data: unknown): Worker {
  return new Worker(program, {
    workerData: data,
    resourceLimits: { maxYoungGenerationSizeMb: youngParts * nodeLimits.semiSpaceMiBMax },
  });
}
