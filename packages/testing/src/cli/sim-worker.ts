/** Runs batches of seeds in a worker thread; also imported by the main thread to replay or shrink one seed. */
import { parentPort } from 'node:worker_threads';
import { scenarioText } from '../shrink/print.ts';
import { shrinkSeed } from '../shrink/shrink.ts';
import { runBatch, runSeed, type SwarmPlan } from '../sim/swarm.ts';

export { runSeed, scenarioText, shrinkSeed };

parentPort?.on('message', (plan: SwarmPlan) => {
  parentPort?.postMessage(runBatch(plan));
});
