import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { readable } from './log-lines.ts';

/** How long a process has to end by itself before it is killed, in ms: a node needs at most five seconds. */
const endDeadlineMs = 7000;

/** A process of the stack, in a process group of its own, so that whatever it starts ends with it. */
export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  /** Resolves with how it ended, as a sentence's end: `with code 1`, `by SIGKILL`. */
  readonly ended: Promise<string>;
  running = true;

  constructor(
    name: string,
    command: readonly [string, ...string[]],
    options: { cwd: string; env: NodeJS.ProcessEnv },
  ) {
    const [file, ...args] = command;
    this.name = name;
    this.#process = spawn(file, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => say(name, readable(line)));
    }
    this.ended = new Promise((resolve) => {
      this.#process.once('error', (error) => resolve(`because it could not be started: ${error.message}`));
      this.#process.once('exit', (code, signal) =>
        resolve(signal === null ? `with code ${code}` : `by ${signal}`),
      );
    });
    this.ended.then(() => {
      this.running = false;
    });
  }

  /** Asks the whole group to end, and kills what has not after `endDeadlineMs`. */
  async stop(): Promise<void> {
    this.#signal('SIGTERM');
    const force = setTimeout(() => this.#signal('SIGKILL'), endDeadlineMs);
    await this.ended;
    clearTimeout(force);
    // What the process itself started may live a little longer than it.
    this.#signal('SIGKILL');
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Nobody of the group is left.
    }
  }
}

const nameWidth = 8;

export function say(name: string, text: string): void {
  process.stdout.write(`${name.padEnd(nameWidth)}| ${text}\n`);
}
