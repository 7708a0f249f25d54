import type { TestNode } from './test-node.ts';

/** Flags under which Node says what each collection of garbage has left. */
export const gcFlags: readonly string[] = ['--trace-gc'];

/** How a node's memory moved from the middle to the last third of a watch, in bytes. */
export interface MemoryGrowth {
  /** By the least that a full collection left in each; 0 where no full collection was needed. */
  readonly heap: number;
  /** By the most that the process took in each. */
  readonly rss: number;
  readonly isFlat: boolean;
}

/** A leak of a hundred bytes for each of a hundred thousand requests shows. */
const heapGrowthBytesMax = 8_000_000;
/** The allocator keeps free pages: the process may take this much more without holding anything. */
const rssGrowthBytesMax = 64_000_000;

/** Samples in a third below which caches may still be filling: both figures are then only roughly bounded. */
const samplesMin = 10;
const roughGrowthBytesMax = 200_000_000;

/** Watches the memory of nodes that run under `gcFlags`, for as long as a load runs. The first third is warming up. */
export class MemoryWatch {
  readonly #nodes: readonly TestNode[];
  readonly #rssOf: (node: TestNode) => Promise<number | null>;
  /** For each second: bytes of each process, and how many lines each had printed. */
  readonly #rss: (number | null)[][] = [];
  readonly #lines: number[][] = [];
  readonly #watching: Promise<void>;
  #stopped = false;

  constructor(nodes: readonly TestNode[], rssOf: (node: TestNode) => Promise<number | null>) {
    this.#nodes = nodes;
    this.#rssOf = rssOf;
    this.#watching = this.#watch();
  }

  /** The growth of each node. Throws when nothing was measured. */
  async stop(): Promise<MemoryGrowth[]> {
    this.#stopped = true;
    await this.#watching;
    return this.#nodes.map((node, i) => this.#growthOf(node, i));
  }

  async #watch(): Promise<void> {
    while (!this.#stopped) {
      this.#lines.push(this.#nodes.map(({ lines }) => lines.length));
      this.#rss.push(await Promise.all(this.#nodes.map((node) => this.#rssOf(node))));
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }

  #growthOf(node: TestNode, i: number): MemoryGrowth {
    const third = Math.floor(this.#rss.length / 3);
    const [from, between] = [this.#lines[third]?.[i] ?? 0, this.#lines[2 * third]?.[i] ?? 0];
    const heap = leastLeft(node.lines.slice(between)) - leastLeft(node.lines.slice(from, between));
    const rssOf = (samples: (number | null)[][]) => Math.max(...samples.flatMap((each) => each[i] ?? []));
    const rss = rssOf(this.#rss.slice(2 * third)) - rssOf(this.#rss.slice(third, 2 * third));
    if (!Number.isFinite(rss)) throw new Error(`${node.id} did not tell of its memory`);
    const isRough = third < samplesMin;
    const heapMax = isRough ? roughGrowthBytesMax : heapGrowthBytesMax;
    const rssMax = isRough ? roughGrowthBytesMax : rssGrowthBytesMax;
    const heapGrowth = Number.isFinite(heap) ? heap : 0;
    return { heap: heapGrowth, rss, isFlat: heapGrowth < heapMax && rss < rssMax };
  }
}

/** Bytes that the best of the full collections among these lines has left; infinite without any. */
function leastLeft(lines: readonly string[]): number {
  const left = lines.flatMap((line) => {
    const [, megabytes] = /Mark-Compact .*?-> ([\d.]+) \(/.exec(line) ?? [];
    return megabytes === undefined ? [] : Number(megabytes) * 1_048_576;
  });
  return Math.min(...left);
}
