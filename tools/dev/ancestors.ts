import { execFileSync } from 'node:child_process';

interface ProcessLine {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Processes above this one, nearest first; empty where `ps` is missing. */
function ancestors(): ProcessLine[] {
  const chain: ProcessLine[] = [];
  try {
    for (let pid = process.ppid; pid > 1; pid = chain.at(-1)!.parent) {
      const line = execFileSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' }).trim();
      const match = /^(\d+)\s+(.*)$/.exec(line);
      if (match === null) break;
      chain.push({ pid, parent: Number(match[1]), command: match[2]! });
    }
  } catch {
    return chain;
  }
  return chain;
}

/** Everything from this process up to the outermost package manager in `chain`. */
export function watched(chain: readonly ProcessLine[]): readonly number[] {
  const last = chain.findLastIndex(({ command }) => /(^|\/)p?np[mx]\b/.test(command));
  return chain.slice(0, last + 1).map(({ pid }) => pid);
}

/**
 * Calls `run` once when a package manager that this process runs under has gone. `npx` does not pass SIGTERM on, so
 * without this a stack started through it would outlive it.
 */
export function whenLauncherGone(run: () => void): void {
  const pids = watched(ancestors());
  const timer = setInterval(() => {
    if (pids.every(isAlive)) return;
    clearInterval(timer);
    run();
  }, 300);
  timer.unref();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
