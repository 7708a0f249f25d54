/**
 * The power of machines that do nothing but write to a store is cut at one instant. `kill -9` alone loses nothing that was
 * ever written and proves nothing about syncing; a copy of a disk's image holds only what had reached the disk.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DiskImage } from './disk-image.ts';

const run = promisify(execFile);
/** Room for many rounds of small writes above the low-water mark of a store; the image is sparse. */
const imageBytes = 2 ** 30;
const root = join(import.meta.dirname, '../..');
const writer = join(root, 'apps/node/src/storage/acked-writer.test-kit.ts');

/** What one machine had promised, and what it still had after the cut. */
export interface CutReport {
  readonly machine: string;
  readonly acked: number;
  /** Batches 1 to this were there, whole. */
  readonly whole: number;
  /** Batches after that of which something was there. */
  readonly strays: number;
  /** Lines of a file that was written but never synced: how many were printed, and how many were left. */
  readonly unsyncedWritten: number;
  readonly unsyncedLeft: number;
  readonly historyIntact: boolean;
  readonly doubts: readonly string[];
  readonly openedInMs: number;
}

/** Whether every promise was kept, and whether the cut was one: it must have taken something that was not synced. */
export function judge(reports: readonly CutReport[]): { readonly kept: boolean; readonly real: boolean } {
  return {
    kept: reports.every(({ acked, whole, strays }) => whole >= acked && strays === 0),
    real: reports.some(({ unsyncedWritten, unsyncedLeft }) => unsyncedLeft < unsyncedWritten),
  };
}

class Writer {
  readonly process: ChildProcess;
  acked = 0;
  #rest = '';

  constructor(directory: string, life: string) {
    this.process = spawn(process.execPath, ['--import', 'tsx', writer, 'write', directory, life], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.process.stdout!.on('data', (data: Buffer) => this.#heard(data.toString()));
  }

  #heard(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) if (line.startsWith('acked ')) this.acked = Number(line.slice(6));
  }
}

/** A disk whose power is cut again and again: each generation of it is what the last cut has left. */
export class CutDisk {
  readonly name: string;
  readonly #home: string;
  #generation = 0;
  #image: DiskImage;

  /** A new, empty disk, mounted. Images and mount points lie in `home`, which is the caller's to remove. */
  constructor(home: string, name: string) {
    this.#home = home;
    this.name = name;
    this.#image = new DiskImage(this.#file, join(home, name));
    this.#image.format(imageBytes);
    this.#image.mount();
  }

  get data(): string {
    return join(this.#image.mountPoint, 'data');
  }

  /** Keeps what has reached the disk by now, and nothing else. What is mounted stays so. */
  copy(): DiskImage {
    this.#generation++;
    return this.#image.copy(this.#file, this.#image.mountPoint);
  }

  /** Puts a copy in the place of what is mounted. */
  replaceBy(copy: DiskImage): void {
    this.#image.unmount();
    this.#image = copy;
    copy.mount();
  }

  unmount(): void {
    this.#image.unmount();
  }

  get #file(): string {
    return join(this.#home, `${this.name}.${this.#generation}.img`);
  }
}

/** Lets a writer run on each disk until all have been promised `ackedMin` batches, then cuts the power of all at once. */
export async function cutRound(
  disks: readonly CutDisk[],
  life: string,
  ackedMin: number,
): Promise<readonly CutReport[]> {
  const runs = disks.map((disk) => ({ disk, writer: new Writer(disk.data, life) }));
  const processes = runs.map(({ writer }) => writer.process);
  try {
    await until(() => runs.every(({ writer }) => writer.acked >= ackedMin), processes);
    // All are stopped before the first disk is copied: nobody is promised anything after the instant of the cut.
    for (const process of processes) process.kill('SIGSTOP');
    const copies = disks.map((disk) => disk.copy());
    await Promise.all(processes.map(killed));
    for (const [i, disk] of disks.entries()) disk.replaceBy(copies[i]!);
  } finally {
    await Promise.all(processes.map(killed));
  }
  return Promise.all(runs.map(({ disk, writer }) => report(disk, life, writer.acked)));
}

/** Kills a process and waits until everything it printed has been read. */
async function killed(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const closed = new Promise((resolve) => process.once('close', resolve));
  process.kill('SIGKILL');
  await closed;
}

async function until(condition: () => boolean, processes: readonly ChildProcess[]): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    if (processes.some(({ exitCode }) => exitCode !== null)) throw new Error('a writer has ended by itself');
    if (performance.now() > deadline) throw new Error('the writers were not promised enough within a minute');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function report(disk: CutDisk, life: string, acked: number): Promise<CutReport> {
  const { data } = disk;
  const unsynced = await readFile(`${data}.unsynced`, 'utf8').catch(() => '');
  const { stdout } = await run(process.execPath, ['--import', 'tsx', writer, 'verify', data, life], {
    cwd: root,
  });
  const { whole, strays, historyIntact, doubts, openedInMs } = JSON.parse(stdout);
  const newest = Number(unsynced.trimEnd().split('\n').at(-1) ?? 0) || 0;
  return {
    machine: disk.name,
    acked,
    whole,
    strays,
    unsyncedWritten: acked,
    unsyncedLeft: Math.min(newest, acked),
    historyIntact,
    doubts,
    openedInMs,
  };
}

/** Why power cannot be cut here, or null if it can. */
export function whyNoPowerCut(home: string): string | null {
  if (process.getuid?.() !== 0) return 'mounting disk images takes root';
  try {
    new CutDisk(home, 'trial').unmount();
    return null;
  } catch (cause) {
    return `no ext4 can be mounted from a file: ${cause instanceof Error ? cause.message.trim() : String(cause)}`;
  }
}
