import { type ChildProcess, spawn } from 'node:child_process';
import { mainFile } from './build-node.ts';

/** Processes that run now: none may outlive the tests, whatever becomes of them. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One server process, which can be ended, paused and started again on the same data. */
export class TestNode {
  readonly id: string;
  readonly port: number;
  readonly dataDir: string;
  /** Everything its processes have printed so far, line by line. */
  readonly lines: string[] = [];
  #process: ChildProcess | null = null;
  #ended: Promise<Ended> = Promise.resolve({ code: null, signal: null });
  paused = false;

  constructor(id: string, port: number, dataDir: string) {
    this.id = id;
    this.port = port;
    this.dataDir = dataDir;
  }

  get running(): boolean {
    return this.#process !== null;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts a process; `nodeFlags` are for Node itself. */
  start(flags: readonly string[] = [], nodeFlags: readonly string[] = []): void {
    const own = [`--node-id=${this.id}`, `--port=${this.port}`, `--data-dir=${this.dataDir}`];
    const child = spawn(process.execPath, [...nodeFlags, mainFile, ...own, ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.on('data', (chunk) => {
        const parts = (rest + chunk).split('\n');
        rest = parts.pop() ?? '';
        this.lines.push(...parts);
      });
    }
    this.#process = child;
    running.add(child);
    this.#ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        running.delete(child);
        if (this.#process === child) this.#process = null;
        resolve({ code, signal });
      });
    });
  }

  /** Sends a signal and waits for the end of the process. */
  async end(signal: NodeJS.Signals): Promise<Ended> {
    if (this.paused) this.resume();
    this.#process?.kill(signal);
    return this.#ended;
  }

  /** Waits for the process to end by itself. */
  ended(): Promise<Ended> {
    return this.#ended;
  }

  pause(): void {
    this.paused = true;
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.paused = false;
    this.#process?.kill('SIGCONT');
  }
}
