/**
 * The process of a node: reads what it is told, then leaves everything to one thread, the server (server.ts), hands it the
 * signals and ends with its exit code (exit-codes.ts).
 */
import { loadConfig, type NodeConfig } from './config/config.ts';
import { ConfigError } from './config/config-error.ts';
import { HelpRequested } from './config/sources.ts';
import { exitCodes } from './exit-codes.ts';
import { type StopOrder, startServerThread } from './server-thread.ts';

function configure(): NodeConfig {
  try {
    return loadConfig(process.argv.slice(2), process.env);
  } catch (cause) {
    if (cause instanceof HelpRequested) {
      process.stdout.write(cause.message);
      process.exit(exitCodes.clean);
    }
    if (!(cause instanceof ConfigError)) throw cause;
    for (const problem of cause.problems) process.stderr.write(`starling-node: ${problem}\n`);
    process.exit(exitCodes.cannotStart);
  }
}

const server = startServerThread(new URL('./server.js', import.meta.url), configure());

server.on('exit', (code) => process.exit(code));
// The server sees to its own errors; what comes here is the end of its memory, or that it could not be loaded.
server.on('error', (cause) => {
  process.stderr.write(`starling-node: ${cause.stack ?? cause.message}\n`);
  process.exit(exitCodes.fault);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => server.postMessage({ signal } satisfies StopOrder));
