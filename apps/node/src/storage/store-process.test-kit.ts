/** Real processes and mounts for the tests of the store. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Verdict } from './acked-writer.test-kit.ts';

const run = promisify(execFile);
const writerPath = join(import.meta.dirname, 'acked-writer.test-kit.ts');
const command = (mode: string, directory: string) => ['--import', 'tsx', writerPath, mode, directory, 'life'];

/** A process that writes to a directory for as long as it lives. */
export class AckedWriter {
  /** The newest batch it was promised. */
  acked = 0;
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  #rest = '';
  #wanted: { readonly acked: number; readonly resolve: () => void } | null = null;

  constructor(directory: string) {
    this.#process = spawn(process.execPath, command('write', directory), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process.stdout!.on('data', (data: Buffer) => this.#heard(data.toString()));
    this.#exited = new Promise((resolve) => this.#process.on('close', () => resolve()));
  }

  /** Resolves once batch `acked` is promised; rejects if the process ends before that. */
  async hasAcked(acked: number): Promise<void> {
    if (this.acked >= acked) return;
    const heard = new Promise<void>((resolve) => {
      this.#wanted = { acked, resolve };
    });
    const ended = this.#exited.then(() => {
      throw new Error(`the writer ended after ${this.acked} batches`);
    });
    await Promise.race([heard, ended]);
  }

  /** `kill -9`; resolves when everything it printed has been heard. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  #heard(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) if (line.startsWith('acked ')) this.acked = Number(line.slice(6));
    if (this.#wanted === null || this.acked < this.#wanted.acked) return;
    this.#wanted.resolve();
    this.#wanted = null;
  }
}

/** Opens the directory in a process of its own and says what is there. */
export async function verifyDirectory(directory: string): Promise<Verdict> {
  const { stdout } = await run(process.execPath, command('verify', directory));
  return JSON.parse(stdout);
}

/** Why no file system can be mounted here, or null if it can. */
export async function whyNoMount(): Promise<string | null> {
  try {
    await withTmpfs('size=1m', async () => undefined);
    return null;
  } catch (cause) {
    return `mounting a tmpfs fails: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}`;
  }
}

/** Runs `run` with the path of a file system of its own in memory. */
export async function withTmpfs(options: string, use: (path: string) => Promise<void>): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'starling-tmpfs-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
    try {
      await use(path);
    } finally {
      // Lazily: a store that a failing test left open must not keep its error from being seen.
      await run('umount', ['-l', path]);
    }
  } finally {
    await rm(path, { recursive: true });
  }
}
