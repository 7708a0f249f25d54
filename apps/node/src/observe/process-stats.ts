import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeStats, WallMs } from '@starling/core';
import { LoopDelay } from './loop-delay.ts';
import type { RequestMeter } from './request-meter.ts';

/** How often the data directory is measured, in seconds: it means asking for the size of each file. */
const diskEverySeconds = 5;

/** Measures this process once a second. Every figure is a reading; what cannot be read is null. */
export class ProcessStats {
  readonly #version: string;
  readonly #startedAt: WallMs;
  readonly #dataDir: string;
  readonly #meter: RequestMeter;
  readonly #delay = new LoopDelay();
  #cpu = process.cpuUsage();
  #atMs: number;
  #disk: { readonly used: number | null; readonly free: number | null } = { used: null, free: null };
  #seconds = 0;

  constructor(options: { version: string; startedAt: WallMs; dataDir: string; meter: RequestMeter }) {
    this.#version = options.version;
    this.#startedAt = options.startedAt;
    this.#dataDir = options.dataDir;
    this.#meter = options.meter;
    this.#atMs = performance.now();
  }

  /** Called once a second: the figures up to now; then the windows move on. */
  async measure(): Promise<NodeStats> {
    if (this.#seconds++ % diskEverySeconds === 0) this.#disk = await measureDirectory(this.#dataDir);
    const stats = this.#read();
    this.#meter.advance();
    this.#delay.advance();
    return stats;
  }

  stop(): void {
    this.#delay.stop();
  }

  #read(): NodeStats {
    const { rss, heapUsed } = process.memoryUsage();
    return {
      version: this.#version,
      startedAt: this.#startedAt,
      reads: this.#meter.reads(),
      writes: this.#meter.writes(),
      errorsPerSecond: this.#meter.errorsPerSecond(),
      rssBytes: rss,
      heapBytes: heapUsed,
      cpu: this.#cpuSince(),
      eventLoopDelayP99Ms: this.#delay.p99Ms(),
      diskUsedBytes: this.#disk.used,
      diskFreeBytes: this.#disk.free,
    };
  }

  /** CPU seconds per second since the last call. */
  #cpuSince(): number {
    const now = performance.now();
    const { user, system } = process.cpuUsage(this.#cpu);
    const cpu = (user + system) / 1000 / Math.max(1, now - this.#atMs);
    this.#cpu = process.cpuUsage();
    this.#atMs = now;
    return cpu;
  }
}

/** Bytes of all files below `directory`, and bytes free on its file system for this process. */
async function measureDirectory(directory: string): Promise<{ used: number | null; free: number | null }> {
  const [used, free] = await Promise.all([
    sizeOf(directory).catch(() => null),
    freeOn(directory).catch(() => null),
  ]);
  return { used, free };
}

async function freeOn(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

async function sizeOf(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    // The storage engine deletes files while it compacts: one that has gone counts nothing.
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => null);
    bytes += found?.size ?? 0;
  }
  return bytes;
}
