/** Runs batches of seeds in a worker thread; also imported by the main thread to replay one seed. */
import { parentPort } from 'node:worker_threads';
import { runBatch, runSeed, type SwarmPlan } from '../sim/swarm.ts';

export { runSeed };

parentPort?.on('message', (plan: SwarmPlan) => {
  parentPort?.postMessage(runBatch(plan));
});
