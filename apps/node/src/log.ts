import { type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger };

const stdout = 1;

/**
 * Lines of JSON on standard output, written at once, so that the last line before a crash is there. Levels: `error`, the
 * node stops or rebuilds itself; `warn`, an operator should look; `info`, a change of state, at most a line a minute
 * from an idle node; `debug`, each connection. Never per request.
 */
export function createLog(nodeId: string, level: string): Logger {
  const options = {
    level,
    base: { node: nodeId },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // Said outright: pino flushes what it holds back at the end of a process, but not at that of a thread.
  return pino(options, pino.destination({ fd: stdout, sync: true }));
}
