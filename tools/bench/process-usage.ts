import { readFileSync } from 'node:fs';

/** What the operating system says of one process. */
export interface ProcessUsage {
  /** CPU time used so far, all threads, in seconds. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

/** Clock ticks per second in /proc: fixed by the kernel's interface to user space on all common platforms. */
const ticksPerSecond = 100;

/** Reads /proc (proc(5): fields 14 and 15 of `stat`, VmRSS of `status`); null where there is none. */
export function processUsage(pid: number): ProcessUsage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the command's name in parentheses, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
      rssBytes: Number(rss?.[1] ?? 0) * 1024,
    };
  } catch {
    return null;
  }
}
