/** A stage on which a checker can be shown a broken invariant without a cluster to break. */
import type { ActorId, Hlc, NodeId } from '@starling/core/base/ids.ts';
import type { Dot, Sibling, StoredRecord } from '@starling/core/causality/record.ts';
import { encodeRecord } from '@starling/core/codec/record.ts';
import { keyRef } from '@starling/core/ring/key.ts';
import { CausalGhost } from '../ghost/causal-ghost.ts';
import { calmOptions } from '../sim/founding.ts';
import type { LifetimeOptions } from '../sim/options.ts';
import type { SimProcess } from '../sim/process.ts';
import { Violation } from '../sim/violation.ts';
import type { World } from '../sim/world.ts';
import { Ledger } from '../workload/ledger.ts';
import { encodeValue } from '../workload/values.ts';
import type { CheckContext } from './checker.ts';
import { Markers } from './markers.ts';

export const key = 'r/0';
export const ref = keyRef('default', key);
export const row = ref.row;

/** What a test decides about one pretended process. */
export interface Actor {
  readonly process: SimProcess;
  /** Durable rows. */
  readonly disk: Map<string, Uint8Array>;
  readonly corrupt: Set<string>;
  /** What its machine answers. */
  readonly machine: Record<string, unknown>;
}

export interface Stage {
  readonly context: CheckContext;
  readonly ledger: Ledger;
  readonly ghost: CausalGhost;
  readonly actors: readonly Actor[];
  /** The process writes the record, to the ghost's knowledge; with `durable` it is on its disk as well. */
  write(actor: Actor, record: StoredRecord, durable?: boolean): void;
}

export function stage(nodes: number, options: Partial<LifetimeOptions> = {}): Stage {
  const ledger = new Ledger();
  const ghost = new CausalGhost(ledger);
  const names = Array.from({ length: nodes }, (_, index) => `n${index + 1}` as NodeId);
  const ring = {
    epoch: 1,
    changing: null,
    replicasOf: () => ({ current: names, pending: null }),
    isReplica: () => true,
  };
  const actors = names.map((nodeId, index) => actor(nodeId, index, ring));
  const processes = actors.map(({ process }) => process);
  // Only what checkers look at is there: a whole world would break nothing.
  const world = {
    options: { ...calmOptions(nodes, 3, 1), ...options },
    processes,
    now: 0,
    process: (name: string) => processes.find(({ nodeId }) => nodeId === name),
  } as unknown as World;
  return {
    context: { world, ledger, ghost, markers: new Markers() },
    ledger,
    ghost,
    actors,
    write({ process, disk }, record, durable = true) {
      const bytes = encodeRecord(record);
      ghost.wrote(process, 1, [[row, bytes]]);
      if (durable) disk.set(row, bytes);
    },
  };
}

function actor(nodeId: NodeId, index: number, ring: unknown): Actor {
  const disk = new Map<string, Uint8Array>();
  const corrupt = new Set<string>();
  const machine: Record<string, unknown> = {
    state: 'normal',
    ring: () => ring,
    members: () => [],
    hints: () => [],
    counts: () => ({ requestsInFlight: 0 }),
    damagedRecords: () => 0,
  };
  const process = {
    index,
    nodeId,
    machine,
    boots: 1,
    paused: false,
    state: 'up',
    options: { tuning: {} },
    clock: { virtualAt: (mono: number) => mono },
    disk: {
      durable: (name: string) => (corrupt.has(name) ? null : (disk.get(name) ?? null)),
      read: (name: string) => (corrupt.has(name) ? 'corrupt' : (disk.get(name) ?? null)),
      durableRows: () => [...disk.keys()],
    },
  } as unknown as SimProcess;
  return { process, disk, corrupt, machine };
}

export function dot(node: string, counter: number): Dot {
  return { actor: `${node}~1.0` as ActorId, counter };
}

export function sibling(of: Dot, id: number, hlc = id): Sibling {
  return {
    dot: of,
    hlc: hlc as Hlc,
    value: encodeValue(key, id),
    scoped: false,
    expiresAt: 0,
    request: '',
  };
}

/** A record; siblings newest first, clock entries in order of actor. */
export function record(clock: readonly Dot[], ...siblings: Sibling[]): StoredRecord {
  return { clock, siblings };
}

/** A client's put of `key`, begun; the n-th has number n. */
export function begin(ledger: Ledger, seen: readonly string[] | null = null) {
  const entry = ledger.beginWrite({
    kind: 'put',
    key,
    client: 'c1',
    level: 'quorum',
    seen: seen === null ? null : { key, context: { clock: [], hlc: 0 as Hlc }, dots: seen, own: null },
    requestId: null,
  });
  entry.attempts.push({ calledAt: ledger.stamp(), outcome: 'pending' });
  return entry;
}

/** The id of the invariant that `run` finds broken; null if none. */
export function broken(run: () => void): string | null {
  try {
    run();
    return null;
  } catch (cause) {
    if (cause instanceof Violation) return cause.invariant;
    throw cause;
  }
}
