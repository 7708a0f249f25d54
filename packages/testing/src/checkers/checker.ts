import type { CausalGhost, GhostListener } from '../ghost/causal-ghost.ts';
import type { Observer } from '../sim/observer.ts';
import { type InvariantId, Violation } from '../sim/violation.ts';
import type { World } from '../sim/world.ts';
import type { ClientWatcher } from '../workload/client.ts';
import type { Ledger } from '../workload/ledger.ts';
import type { Markers } from './markers.ts';

/** What a checker may look at. */
export interface CheckContext {
  readonly world: World;
  readonly ledger: Ledger;
  readonly ghost: CausalGhost;
  readonly markers: Markers;
}

/**
 * Guards one invariant of testing.md §4.5 by looking on. It throws a `Violation` where the invariant is broken, and
 * never changes anything.
 */
export interface Checker extends Observer, GhostListener, Partial<ClientWatcher> {
  readonly id: InvariantId;
  /** Called ten times a virtual second while the lifetime runs. */
  poll?(): void;
  /** Faults are over, every request has been answered and nothing is left to repair. */
  quiesced?(): void;
  /** A time begins, after all that was under way is over, in which nothing is asked of the cluster; not in all lifetimes. */
  quietBegins?(): void;
  quietEnds?(): void;
  /** The lifetime is over. */
  audit?(): void;
}

/** Throws unless `holds`. */
export function ensure(id: InvariantId, holds: boolean, message: () => string): void {
  if (!holds) throw new Violation(id, message());
}
