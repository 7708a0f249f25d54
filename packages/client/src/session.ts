import type { Deleted, Entry, JsonValue, Written } from '@starling/api-types';
import type { PutOptions, ReadOptions, StarlingClient, WriteOptions } from './client.ts';
import { clientLimits } from './limits.ts';
import { StarlingError } from './starling-error.ts';

/**
 * Carries contexts: a write covers exactly what this session has read or written of the key, so what others wrote
 * meanwhile stays beside it as a sibling instead of being lost. A key it has not seen is written without a context.
 */
export class Session {
  readonly #client: StarlingClient;
  /** By key, the one used longest ago first. */
  readonly #contexts = new Map<string, string>();

  constructor(client: StarlingClient) {
    this.#client = client;
  }

  async get(key: string, options: ReadOptions = {}): Promise<Entry | null> {
    const { result, requestId, endpoint } = await this.#client.call(
      'data.get',
      readInput(key, options),
      options,
    );
    if (result.ok) {
      this.#saw(key, result.output.context);
      return result.output;
    }
    const { code, details } = result.error;
    if (code !== 'not_found') throw new StarlingError(result.error, requestId, endpoint);
    // The context of a deleted key covers its tombstone: writing with it brings the key back without a conflict.
    this.#saw(key, details?.['context']);
    return null;
  }

  async put(key: string, value: JsonValue, options: Omit<PutOptions, 'context'> = {}): Promise<Written> {
    const written = await this.#client.put(key, value, { ...options, context: this.#contexts.get(key) });
    this.#saw(key, written.context);
    return written;
  }

  async delete(key: string, options: Omit<WriteOptions, 'context'> = {}): Promise<Deleted> {
    const deleted = await this.#client.delete(key, { ...options, context: this.#contexts.get(key) });
    this.#saw(key, deleted.context);
    return deleted;
  }

  /** Forgets what was seen of a key: the next write replaces whatever is there. */
  forget(key: string): void {
    this.#contexts.delete(key);
  }

  #saw(key: string, context: unknown): void {
    if (typeof context !== 'string') return;
    this.#contexts.delete(key);
    this.#contexts.set(key, context);
    if (this.#contexts.size <= clientLimits.sessionKeysMax) return;
    for (const oldest of this.#contexts.keys()) {
      this.#contexts.delete(oldest);
      return;
    }
  }
}

function readInput(key: string, { consistency, r, explain }: ReadOptions) {
  return { key, consistency, r, explain };
}
