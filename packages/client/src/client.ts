import type {
  CallInputOf,
  Deleted,
  Entry,
  JsonValue,
  OutputOf,
  ProcedureId,
  Written,
} from '@starling/api-types';
import { inBatches } from './batches.ts';
import { type Answered, type CallOptions, Failover, type FailoverParts } from './failover.ts';
import { Session } from './session.ts';
import { StarlingError } from './starling-error.ts';
import { type Fetch, rpcTransport } from './transport.ts';
import { type Change, type UpdateOptions, updateKey } from './update.ts';

export interface ClientOptions {
  /** Addresses of nodes, `http://host:port`; any subset of the cluster, in any order. */
  readonly endpoints: readonly string[];
  /** Default: the platform's own. */
  readonly fetch?: Fetch;
}

type Consistency = 'one' | 'quorum' | 'all';

export type ReadOptions = CallOptions & {
  readonly consistency?: Consistency | undefined;
  /** Replicas that must answer, instead of `consistency`. */
  readonly r?: number | undefined;
  readonly explain?: boolean | undefined;
};

export type WriteOptions = CallOptions & {
  readonly consistency?: Consistency | undefined;
  /** Replicas that must hold the write durably, instead of `consistency`. */
  readonly w?: number | undefined;
  readonly explain?: boolean | undefined;
  /** What was seen of the key: the write replaces exactly that. A session fills it in. */
  readonly context?: string | undefined;
  /** Write only if the value has this entity tag, quotes included; `*`: only if there is a value. Else `precondition_failed`. */
  readonly ifMatch?: string | undefined;
  /** `*`: write only if there is no value. */
  readonly ifNoneMatch?: '*' | undefined;
};

export type PutOptions = WriteOptions & { readonly ttlSeconds?: number | undefined };

export type PutItem = CallInputOf<'batch.put'>['items'][number];
export type DeleteItem = CallInputOf<'batch.delete'>['items'][number];
export type BatchResults<Id extends 'batch.get' | 'batch.put' | 'batch.delete'> = OutputOf<Id>['results'];

/** Makes a client of a cluster. It opens no connection until it is used, and needs no closing. */
export function createClient(options: ClientOptions): StarlingClient {
  const endpoints = options.endpoints.map((endpoint) => new URL(endpoint).origin);
  return new StarlingClient({ ...platformParts, endpoints, transport: rpcTransport(options.fetch) });
}

const platformParts: Omit<FailoverParts, 'endpoints' | 'transport'> = {
  nowMs: () => performance.now(),
  fraction: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      signal?.addEventListener('abort', stop, { once: true });
    }),
  freshId: () => crypto.randomUUID(),
};

/**
 * A typed client. Methods reject with `StarlingError`, or with the reason of an aborted signal. Each method finds a node
 * that can serve it; see `mayRetry` for what is tried again.
 */
export class StarlingClient {
  readonly #failover: Failover;
  readonly #parts: FailoverParts;

  constructor(parts: FailoverParts) {
    this.#parts = parts;
    this.#failover = new Failover(parts);
  }

  /** What the key holds, or null when it has no value. */
  async get(key: string, options: ReadOptions = {}): Promise<Entry | null> {
    const { input, call } = split({ key, ...options });
    const { result, requestId, endpoint } = await this.call('data.get', input, call);
    if (result.ok) return result.output;
    if (result.error.code === 'not_found') return null;
    throw new StarlingError(result.error, requestId, endpoint);
  }

  async put(key: string, value: JsonValue, options: PutOptions = {}): Promise<Written> {
    const { input, call } = split({ key, value, ...options });
    return unwrap(await this.call('data.put', input, call));
  }

  /**
   * Changes the value by what it is: `change` is given what is held and answers the next value, and runs again when
   * somebody else was faster. Answers what was written, or null if `change` left it as it was.
   */
  update(key: string, change: Change, options: UpdateOptions = {}): Promise<Written | null> {
    return updateKey(this, this.#parts, key, change, options);
  }

  /** Deletes the key; succeeds whether or not it had a value. */
  async delete(key: string, options: WriteOptions = {}): Promise<Deleted> {
    const { input, call } = split({ key, ...options });
    return unwrap(await this.call('data.delete', input, call));
  }

  /** All keys that begin with `prefix`, in the order of their bytes, fetched page by page as they are used. */
  async *keys(prefix = '', options: CallOptions = {}): AsyncGenerator<string, void> {
    let cursor: string | null | undefined;
    do {
      const page: OutputOf<'data.list'> = unwrap(
        await this.call('data.list', { prefix, limit: 1000, cursor: cursor ?? undefined }, options),
      );
      yield* page.keys;
      cursor = page.cursor;
    } while (cursor !== null);
  }

  /** Reads many keys; each result is that of its key, in the order asked. */
  getMany(
    keys: readonly string[],
    { consistency, r, ...call }: Omit<ReadOptions, 'explain'> = {},
  ): Promise<BatchResults<'batch.get'>> {
    return inBatches(keys, async (batch) => {
      const input = { keys: [...batch], consistency, r };
      return unwrap(await this.call('batch.get', input, call)).results;
    });
  }

  /** Writes many keys, each by itself: some may fail while others succeed. A key may appear once. */
  putMany(
    items: readonly PutItem[],
    {
      consistency,
      w,
      ...call
    }: Omit<WriteOptions, 'explain' | 'context' | 'requestId' | 'ifMatch' | 'ifNoneMatch'> = {},
  ): Promise<BatchResults<'batch.put'>> {
    return inBatches(items, async (batch) => {
      const input = { items: [...batch], consistency, w };
      return unwrap(await this.call('batch.put', input, call)).results;
    });
  }

  /** Deletes many keys, each by itself. A key may appear once. */
  deleteMany(
    items: readonly DeleteItem[],
    {
      consistency,
      w,
      ...call
    }: Omit<WriteOptions, 'explain' | 'context' | 'requestId' | 'ifMatch' | 'ifNoneMatch'> = {},
  ): Promise<BatchResults<'batch.delete'>> {
    return inBatches(items, async (batch) => {
      const input = { items: [...batch], consistency, w };
      return unwrap(await this.call('batch.delete', input, call)).results;
    });
  }

  /** A view of this client that remembers what it has seen of each key and writes with that. */
  session(): Session {
    return new Session(this);
  }

  async status(options?: CallOptions): Promise<OutputOf<'cluster.status'>> {
    return unwrap(await this.call('cluster.status', {}, options));
  }

  /** The ring; with a key, also where it lives. */
  async ring(key?: string, options?: CallOptions): Promise<OutputOf<'cluster.ring'>> {
    return unwrap(await this.call('cluster.ring', { key }, options));
  }

  async cluster(options?: CallOptions): Promise<OutputOf<'cluster.overview'>> {
    return unwrap(await this.call('cluster.overview', {}, options));
  }

  /** Any operation of the contract, its errors as values: for those who map them on, as a gateway does. */
  call<Id extends ProcedureId>(
    id: Id,
    input: CallInputOf<Id>,
    options?: CallOptions,
  ): Promise<Answered<OutputOf<Id>>> {
    return this.#failover.call(id, input, options);
  }
}

function unwrap<Output>({ result, requestId, endpoint }: Answered<Output>): Output {
  if (result.ok) return result.output;
  throw new StarlingError(result.error, requestId, endpoint);
}

/** Parts what goes to the node from what concerns the call and its attempts. */
function split<Given extends CallOptions>({ timeoutMs, signal, requestId, ...input }: Given) {
  return { input, call: { timeoutMs, signal, requestId } };
}
