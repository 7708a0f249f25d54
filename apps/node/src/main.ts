/**
 * The server process. Exit codes: 0 stopped in order, 1 stopped but not in time, 2 cannot start as told, 3 another
 * process holds this node's id, 70 a fault.
 */
import { startNode } from './compose.ts';
import { loadConfig, type NodeConfig } from './config/config.ts';
import { ConfigError } from './config/config-error.ts';
import { HelpRequested } from './config/sources.ts';
import { createLog } from './log.ts';
import { StartError } from './start-error.ts';

const exitCodes = { late: 1, cannotStart: 2, displaced: 3, fault: 70 } as const;

function configure(): NodeConfig {
  try {
    return loadConfig(process.argv.slice(2), process.env);
  } catch (cause) {
    if (cause instanceof HelpRequested) {
      process.stdout.write(cause.message);
      process.exit(0);
    }
    if (!(cause instanceof ConfigError)) throw cause;
    refuse(cause.problems);
  }
}

function refuse(reasons: readonly string[]): never {
  for (const reason of reasons) process.stderr.write(`starling-node: ${reason}\n`);
  process.exit(exitCodes.cannotStart);
}

const config = configure();
const log = createLog(config.nodeId, config.logLevel);

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

async function stop(signal: NodeJS.Signals): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.info({ signal }, 'stopping');
  const clean = await (await starting).stop();
  log.info({ clean }, 'stopped');
  process.exit(clean ? 0 : exitCodes.late);
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);

try {
  await starting;
} catch (cause) {
  if (!(cause instanceof StartError)) throw cause;
  refuse([cause.message]);
}
