import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Address, parseAddress } from '@starling/core';
import { nodeLimits } from '../limits.ts';
import { splitAddress } from './udp-socket.ts';

export interface SeedNamesOptions {
  /** As the operator gave them: host names and IP addresses, each with a port. */
  readonly seeds: readonly Address[];
  /** Every address that the names among them stand for now; called after each look, with IP addresses only. */
  readonly onResolved: (addresses: readonly Address[]) => void;
  /** A name that could not be looked up; what it stood for before still counts. */
  readonly onUnknown: (host: string, cause: unknown) => void;
  /** All addresses of a host; the system's resolver if left out. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
}

/**
 * Looks again and again at what the names of the seeds stand for. One name may stand for every node of a cluster (a
 * headless service of Kubernetes), and after a restart for other addresses than before.
 */
export class SeedNames {
  readonly #options: SeedNamesOptions;
  readonly #names: readonly Address[];
  readonly #known = new Map<Address, readonly Address[]>();
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(options: SeedNamesOptions) {
    this.#options = options;
    this.#names = options.seeds.filter((seed) => isIP(splitAddress(seed).host) === 0);
  }

  /** Looks now, and from now on every `resolvedHostMs`. Nothing to do if every seed is an IP address. */
  start(): void {
    if (this.#names.length > 0) void this.#look();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    await Promise.all(this.#names.map((name) => this.#lookUp(name)));
    if (this.#stopped) return;
    this.#options.onResolved([...new Set([...this.#known.values()].flat())]);
    this.#timer = setTimeout(() => void this.#look(), nodeLimits.resolvedHostMs);
  }

  async #lookUp(name: Address): Promise<void> {
    const { host, port } = splitAddress(name);
    const resolve = this.#options.resolve ?? ((asked) => lookup(asked, { all: true }));
    try {
      const found = await resolve(host);
      const addresses = found.flatMap(
        ({ address, family }) =>
          parseAddress(family === 6 ? `[${address}]:${port}` : `${address}:${port}`) ?? [],
      );
      this.#known.set(name, addresses.slice(0, nodeLimits.seedAddressesMax));
    } catch (cause) {
      this.#options.onUnknown(host, cause);
    }
  }
}
