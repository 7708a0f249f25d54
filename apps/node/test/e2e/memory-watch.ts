/** One node's memory at one moment, in bytes. */
export interface MemorySample {
  readonly heapBytes: number | null;
  readonly rssBytes: number | null;
}

/** How a node's memory moved between the middle and the last third of a watch, in bytes. */
export interface MemoryGrowth {
  /** By the least that the heap held in each: what is left after the collector has run. */
  readonly heap: number;
  /** By the most that the process took in each. */
  readonly rss: number;
  readonly isFlat: boolean;
}

/** A leak of a hundred bytes for each of a hundred thousand requests shows; what the collector leaves lying does not. */
const heapGrowthBytesMax = 8_000_000;
/** The allocator keeps free pages: the process may take this much more without holding anything. */
const rssGrowthBytesMax = 64_000_000;

/** Samples after which a third has seen the collector at work; with fewer, both figures are only roughly bounded. */
const samplesMin = 10;
const roughGrowthBytesMax = 200_000_000;

/** Samples the memory of nodes once a second, for as long as a load runs. The first third counts as warming up. */
export class MemoryWatch {
  readonly #sample: () => Promise<readonly (MemorySample | null)[]>;
  readonly #samples: (readonly (MemorySample | null)[])[] = [];
  readonly #watching: Promise<void>;
  #stopped = false;

  constructor(sample: () => Promise<readonly (MemorySample | null)[]>) {
    this.#sample = sample;
    this.#watching = this.#watch();
  }

  /** The growth of each node. Throws when nothing was measured. */
  async stop(): Promise<MemoryGrowth[]> {
    this.#stopped = true;
    await this.#watching;
    return (this.#samples[0] ?? []).map((_, node) => growthOf(this.#samples.map((each) => each[node])));
  }

  async #watch(): Promise<void> {
    while (!this.#stopped) {
      this.#samples.push(await this.#sample());
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

function growthOf(samples: readonly (MemorySample | null | undefined)[]): MemoryGrowth {
  const third = Math.floor(samples.length / 3);
  const [middle, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)];
  const heap = Math.min(...bytesOf(last, 'heapBytes')) - Math.min(...bytesOf(middle, 'heapBytes'));
  const rss = Math.max(...bytesOf(last, 'rssBytes')) - Math.max(...bytesOf(middle, 'rssBytes'));
  if (!Number.isFinite(heap + rss)) throw new Error('no node told of its memory');
  const isRough = third < samplesMin;
  const heapMax = isRough ? roughGrowthBytesMax : heapGrowthBytesMax;
  const rssMax = isRough ? roughGrowthBytesMax : rssGrowthBytesMax;
  return { heap, rss, isFlat: heap < heapMax && rss < rssMax };
}

function bytesOf(samples: readonly (MemorySample | null | undefined)[], field: keyof MemorySample): number[] {
  return samples.flatMap((sample) => sample?.[field] ?? []);
}
