import { createClient, type StarlingClient } from '@starling/client';

/** Keys that each have one writer, whose values rise: afterwards each tells whether an acknowledged write was lost. */
export class RisingLoad {
  /** By key: the last number acknowledged, and the last one sent. */
  readonly acknowledged = new Map<string, number>();
  readonly sent = new Map<string, number>();
  reads = 0;
  writes = 0;
  /** Operations that the client gave up, by what it said. */
  readonly failures = new Map<string, number>();
  /** Reads that showed less than had been acknowledged before they were begun. */
  readonly stale: string[] = [];
  readonly #client: StarlingClient;
  readonly #writers: readonly Promise<void>[];
  #stopped = false;

  constructor(endpoints: readonly string[], writers: number, keysOf: (writer: number) => readonly string[]) {
    this.#client = createClient({ endpoints });
    this.#writers = Array.from({ length: writers }, (_, writer) => this.#write(keysOf(writer)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#writers);
  }

  async #write(keys: readonly string[]): Promise<void> {
    for (let turn = 0; !this.#stopped; turn++) {
      const key = keys[turn % keys.length]!;
      try {
        await (turn % 3 === 2 ? this.#get(key) : this.#put(key));
      } catch (cause) {
        const said = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
        this.failures.set(said, (this.failures.get(said) ?? 0) + 1);
      }
    }
  }

  async #put(key: string): Promise<void> {
    const value = (this.sent.get(key) ?? 0) + 1;
    this.sent.set(key, value);
    await this.#client.put(key, value);
    this.acknowledged.set(key, value);
    this.writes++;
  }

  async #get(key: string): Promise<void> {
    const known = this.acknowledged.get(key) ?? 0;
    const found = await this.#client.get(key);
    const value = Number(found?.value ?? 0);
    if (value < known) this.stale.push(`${key}: ${known} was acknowledged, ${value} read`);
    this.reads++;
  }
}
