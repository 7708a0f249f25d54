/** The server of a node, in the thread that main.ts gives it. */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { startNode } from './compose.ts';
import type { NodeConfig } from './config/config.ts';
import { exitCodes } from './exit-codes.ts';
import { createLog } from './log.ts';
import type { StopOrder } from './server-thread.ts';
import { StartError } from './start-error.ts';

const config: NodeConfig = workerData; // main.ts has read and checked it
const log = createLog(config.nodeId, config.logLevel);
const stderr = 2;

function broken(cause: unknown): never {
  log.fatal({ err: cause }, 'a law of this program was broken: stopping at once');
  process.exit(exitCodes.fault);
}

process.on('uncaughtException', broken);
process.on('unhandledRejection', broken);

const starting = startNode(config, log, { onBroken: broken, onDisplaced: displaced });
let stopping = false;

async function displaced(message: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.error(`stopping: ${message}`);
  await (await starting).stop();
  process.exit(exitCodes.displaced);
}

async function stop({ signal }: StopOrder): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.info({ signal }, 'stopping');
  const clean = await (await starting).stop();
  log.info({ clean }, 'stopped');
  process.exit(clean ? exitCodes.clean : exitCodes.late);
}

parentPort?.on('message', stop);

try {
  await starting;
} catch (cause) {
  if (!(cause instanceof StartError)) throw cause;
  // A thread's process.stderr is written by the other thread, some time: this is the last chance.
  writeSync(stderr, `starling-node: ${cause.message}\n`);
  process.exit(exitCodes.cannotStart);
}
