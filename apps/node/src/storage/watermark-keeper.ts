import { type Watermark, writeWatermark } from './watermark.ts';

export interface WatermarkKeeperOptions {
  readonly periodMs: number;
  /** Number of the newest batch on stable storage. */
  readonly durableSequence: () => number;
  /** The file could not be written. The old one stays: it proves less, never something false. */
  readonly failed: (cause: unknown) => void;
}

/** Keeps the watermark file of an open store at most one period behind. */
export class WatermarkKeeper {
  readonly #path: string;
  readonly #options: WatermarkKeeperOptions;
  #written: Watermark;
  #timer: NodeJS.Timeout | null = null;
  #marking: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(path: string, written: Watermark, options: WatermarkKeeperOptions) {
    this.#path = path;
    this.#written = written;
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.mark(), this.#options.periodMs);
    this.#timer.unref();
  }

  /** Brings the file up to date. One write at a time, in order, so that it never goes back. */
  mark(): Promise<void> {
    this.#marking = this.#marking.then(async () => {
      const sequence = this.#options.durableSequence();
      if (this.#stopped || sequence === this.#written.sequence) return;
      await this.#write({ ...this.#written, sequence }).catch(this.#options.failed);
    });
    return this.#marking;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#marking;
  }

  /** The last word of a store that has been closed in order, after `stop`: exact, and clean. */
  markClean(): Promise<void> {
    return this.#write({ ...this.#written, sequence: this.#options.durableSequence(), clean: true });
  }

  async #write(watermark: Watermark): Promise<void> {
    await writeWatermark(this.#path, watermark);
    this.#written = watermark;
  }
}
