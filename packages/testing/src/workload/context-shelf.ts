/** The contexts one client keeps, newest last for each key, some of them too long. */
import type { CausalContext } from '@starling/core/coordinator/request.ts';
import type { KeyRef } from '@starling/core/ring/key.ts';
import type { WorkloadOptions } from '../sim/options.ts';
import type { Prng } from '../sim/prng.ts';
import { Violation } from '../sim/violation.ts';
import type { World } from '../sim/world.ts';
import type { ClientWatcher } from './client.ts';
import type { Ledger, SeenContext } from './ledger.ts';
import type { Tokens } from './tokens.ts';

/** Contexts of each key a client keeps to write with later: enough to be several writes out of date. */
const contextsKept = 4;

export interface ShelfParts {
  readonly world: World;
  readonly ledger: Ledger;
  readonly random: Prng;
  readonly options: WorkloadOptions;
  readonly watcher: ClientWatcher;
  readonly tokens: Tokens;
}

export class ContextShelf {
  readonly #parts: ShelfParts;
  readonly #kept = new Map<string, SeenContext[]>();

  constructor(parts: ShelfParts) {
    this.#parts = parts;
  }

  keep(ref: KeyRef, context: CausalContext, dots: readonly string[], own: string | null): SeenContext {
    const { ledger, tokens, world } = this.#parts;
    const { key } = ref;
    const token = tokens.encode(context, ref);
    const seen: SeenContext = { key, context, token, dots, own, wallMs: world.latestWall };
    const kept = this.#kept.get(key) ?? [];
    kept.push(seen);
    if (kept.length > contextsKept) kept.shift();
    this.#kept.set(key, kept);
    ledger.newestContexts.set(key, seen);
    return seen;
  }

  /**
   * A context to write with, as a node gets it out of its token: mostly the newest seen, sometimes an old one or another
   * client's, sometimes none.
   */
  draw(ref: KeyRef): SeenContext | null {
    const { random, options, ledger, watcher } = this.#parts;
    if (options.foreignContexts > 0 && random.chance(options.foreignContexts)) this.#tryForeign(ref);
    if (options.sharedContexts > 0 && random.chance(options.sharedContexts)) {
      const shared = ledger.newestContexts.get(ref.key) ?? null;
      if (shared !== null && !this.#kept.get(ref.key)?.includes(shared)) watcher.usedContext('shared');
      return shared === null ? null : this.#carried(shared, ref);
    }
    const kept = this.#kept.get(ref.key) ?? [];
    if (kept.length === 0 || random.chance(0.25)) return null;
    return this.#carried(random.chance(0.7) ? kept.at(-1)! : random.pick(kept), ref);
  }

  #carried(seen: SeenContext, ref: KeyRef): SeenContext {
    const context = this.#parts.tokens.decode(seen.token, ref);
    if (context === null) throw new Violation('I5', `a context of ${ref.key} is not taken back for it`);
    return { ...seen, context };
  }

  /** A context of another key would cover writes of this one that its client never saw: no node may take it. */
  #tryForeign(ref: KeyRef): void {
    const { tokens, watcher, ledger } = this.#parts;
    for (const { key, token } of ledger.newestContexts.values()) {
      if (key === ref.key) continue;
      if (tokens.decode(token, ref) !== null)
        throw new Violation('I5', `a context of ${key} was taken for ${ref.key}`);
      return watcher.usedContext('foreign');
    }
  }
}
