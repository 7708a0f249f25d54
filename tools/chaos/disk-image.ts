import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/**
 * A file system in a file, so that what has reached the "disk" can be copied at any moment. What a process wrote but
 * did not sync is in the kernel's memory, not in the file: a copy of the file is what a power cut would have left.
 */
export class DiskImage {
  readonly mountPoint: string;
  readonly #file: string;
  #mounted = false;

  constructor(file: string, mountPoint: string) {
    this.#file = file;
    this.mountPoint = mountPoint;
  }

  /** Makes an empty ext4 of `bytes`, which takes no more room than what is in it. */
  format(bytes: number): void {
    run('truncate', ['--size', String(bytes), this.#file]);
    run('mkfs.ext4', ['-q', '-F', this.#file]);
  }

  /** Mounts it; the journal is replayed, as at a boot after a power cut. */
  mount(): void {
    mkdirSync(this.mountPoint, { recursive: true });
    run('mount', ['-o', 'loop', this.#file, this.mountPoint]);
    this.#mounted = true;
  }

  unmount(): void {
    if (this.#mounted) run('umount', [this.mountPoint]);
    this.#mounted = false;
  }

  /** What the disk holds right now, as another image. */
  copy(file: string, mountPoint: string): DiskImage {
    run('cp', ['--sparse=always', this.#file, file]);
    return new DiskImage(file, mountPoint);
  }
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
