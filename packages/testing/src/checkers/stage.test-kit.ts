/** A stage on which a checker can be shown a broken invariant without a cluster to break. */
import type { ActorId, Hlc, NodeId } from '@starling/core/base/ids.ts';
import type { Dot, Sibling, StoredRecord } from '@starling/core/causality/record.ts';
import { encodeRecord } from '@starling/core/codec/record.ts';
import type { Level, ReadResult } from '@starling/core/coordinator/request.ts';
import { keyRef } from '@starling/core/ring/key.ts';
import { CausalGhost } from '../ghost/causal-ghost.ts';
import { calmOptions } from '../sim/founding.ts';
import type { LifetimeOptions } from '../sim/options.ts';
import type { SimProcess } from '../sim/process.ts';
import { Violation } from '../sim/violation.ts';
import type { World } from '../sim/world.ts';
import { Ledger, type ReadEntry, type SeenContext } from '../workload/ledger.ts';
import { encodeValue } from '../workload/values.ts';
import type { CheckContext, Checker } from './checker.ts';
import { Markers } from './markers.ts';

export const key = 'r/0';
export const ref = keyRef('default', key);
export const row = ref.row;
/** What every clock on the stage reads. */
export const stageWallMs = 1000;

/** What a test decides about one pretended process. */
export interface Actor {
  readonly process: SimProcess;
  /** Durable rows. */
  readonly disk: Map<string, Uint8Array>;
  readonly corrupt: Set<string>;
  /** Which directory the disk is: `instanceId` is another when it has been replaced. */
  readonly identity: { instanceId: string };
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
    effectiveReplicas: nodes,
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
    aims: [],
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
  const identity = { instanceId: nodeId };
  const machine: Record<string, unknown> = {
    state: 'normal',
    ring: () => ring,
    members: () => [],
    hints: () => [],
    counts: () => ({ requestsInFlight: 0 }),
    damagedRecords: () => 0,
    ringAtRest: () => true,
  };
  const process = {
    index,
    nodeId,
    machine,
    boots: 1,
    paused: false,
    state: 'up',
    options: { tuning: {} },
    clock: { virtualAt: (mono: number) => mono, wall: () => stageWallMs },
    disk: {
      identity,
      durable: (name: string) => (corrupt.has(name) ? null : (disk.get(name) ?? null)),
      read: (name: string) => (corrupt.has(name) ? 'corrupt' : (disk.get(name) ?? null)),
      durableRows: () => [...disk.keys()],
      snapshot: () => ({ corrupt }),
    },
  } as unknown as SimProcess;
  return { process, disk, corrupt, identity, machine };
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
  return { clock, siblings, vote: null };
}

/** What a client knows that was shown the writes of these dots, and given this clock. */
export function seenBy(dots: readonly string[], clock: readonly Dot[] = [], of = key): SeenContext {
  return {
    key: of,
    context: { clock, hlc: 0 as Hlc },
    token: '',
    wallMs: stageWallMs,
    dots,
    own: null,
  };
}

/** A client's put of `key`, begun; the n-th has number n. */
export function begin(ledger: Ledger, seen: readonly string[] | null = null, of = key) {
  const entry = ledger.beginWrite({
    kind: 'put',
    key: of,
    expected: null,
    client: 'c1',
    level: 'quorum',
    seen: seen === null ? null : seenBy(seen),
    requestId: null,
    expires: false,
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

/** A checker on a stage, where it sees what is written; every process has booted. */
export function guarded(
  nodes: number,
  make: (stage: Stage) => Checker,
  options: Partial<LifetimeOptions> = {},
) {
  const on = stage(nodes, options);
  const checker = make(on);
  on.ghost.listen(checker);
  for (const { process } of on.actors) checker.booted?.(process);
  return { ...on, checker };
}

/** A read that client c1 called as event `calledAt`, and that was answered as the next. */
export function asked(calledAt = 1, level: Level = 'quorum'): ReadEntry {
  return { key, client: 'c1', level, calledAt, returnedAt: calledAt + 1, value: 0 };
}

/** An answer to a read that shows these values: the first has won. */
export function read(...values: (Uint8Array | null)[]): ReadResult {
  const [winner = null, ...siblings] = values.map((value) => ({
    dot: 'n1~1.0:1',
    hlc: 1,
    value,
    expiresAt: 0,
  }));
  return {
    kind: 'read',
    winner,
    siblings,
    context: { clock: [], hlc: 0 },
    etag: '',
    explain: null,
  } as unknown as ReadResult;
}
