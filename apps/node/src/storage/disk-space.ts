/**
 * Room on the disk. Below the low-water mark clients' writes are refused, so that the disk is never full: LevelDB needs
 * room to merge tables even to free some, and a full disk is what poisons it. What the mark leaves is for removals,
 * hints and transfers out. If the disk fills up all the same, a ballast file is given up so that the store can be
 * opened again (the idea of Pebble).
 */
import { open, rm, stat, statfs } from 'node:fs/promises';

export interface DiskSpaceOptions {
  /** Asks the file system how many bytes this process may still write. */
  readonly freeBytes: () => Promise<number>;
  readonly ballast: string;
  /** Free bytes below which the disk is low. */
  readonly lowBytes: number;
  /** Free bytes above which it is low no longer: further up, so that the answer does not flap. */
  readonly highBytes: number;
  readonly ballastBytes: number;
  readonly pollMs: number;
  readonly onLow: (low: boolean) => void;
}

const chunkBytes = 1_048_576;

export class DiskSpace {
  readonly #options: DiskSpaceOptions;
  #low = false;
  #freeBytes = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #checking: Promise<void> = Promise.resolve();
  #ballastDone = false;

  constructor(options: DiskSpaceOptions) {
    this.#options = options;
  }

  get low(): boolean {
    return this.#low;
  }

  /** Free bytes as last measured. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Measures now, and every `pollMs` from now on. The ballast is written meanwhile. */
  async start(): Promise<void> {
    await this.#measure();
    this.#checking = this.#fillBallast();
    this.#timer = setInterval(() => {
      this.#checking = this.#checking.then(() => this.check());
    }, this.#options.pollMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#checking;
  }

  /** Measures once, reports a crossing of the marks, and sees to the ballast. */
  async check(): Promise<void> {
    await this.#measure();
    await this.#fillBallast();
  }

  /** A file system that cannot be asked counts as it was. */
  async #measure(): Promise<void> {
    const free = await this.#options.freeBytes().catch(() => null);
    if (free === null) return;
    this.#freeBytes = free;
    const { lowBytes, highBytes, onLow } = this.#options;
    const low = free < (this.#low ? highBytes : lowBytes);
    if (low === this.#low) return;
    this.#low = low;
    onLow(low);
  }

  /** Writes the ballast once there is room for it and for the high-water mark beside it. */
  async #fillBallast(): Promise<void> {
    const { ballast, ballastBytes, highBytes } = this.#options;
    if (this.#ballastDone || this.#low || this.#freeBytes < highBytes + ballastBytes) return;
    this.#ballastDone = true;
    const present = await stat(ballast).then(
      ({ size }) => size,
      () => 0,
    );
    if (present >= ballastBytes) return;
    // Half a ballast is still a ballast: an error here costs nothing but the rest of it.
    await writeZeros(ballast, ballastBytes).catch(() => undefined);
  }
}

/** Bytes that this process may still write to the file system of `path`. */
export async function freeBytesOf(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** Gives the ballast up; true if there was one. */
export async function releaseBallast(ballast: string): Promise<boolean> {
  const present = await stat(ballast).then(
    ({ size }) => size > 0,
    () => false,
  );
  await rm(ballast, { force: true });
  return present;
}

async function writeZeros(path: string, bytes: number): Promise<void> {
  const zeros = Buffer.alloc(Math.min(chunkBytes, bytes));
  const file = await open(path, 'w');
  try {
    for (let written = 0; written < bytes; written += zeros.length) {
      await file.write(zeros, 0, Math.min(zeros.length, bytes - written));
    }
  } finally {
    await file.close();
  }
}
