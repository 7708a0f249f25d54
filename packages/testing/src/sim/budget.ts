/**
 * The fault budget. Damage that takes acknowledged data away from a disk is allowed on one node at a time, and only
 * where every record it takes lives on another healthy disk: such damage must be repaired, and no answer may show it.
 */
import { descends } from '@starling/core/causality/version-vector.ts';
import { decodeRecord } from '@starling/core/codec/record.ts';
import type { RingAim } from '@starling/core/ring/ring-operation.ts';
import { bucketOfRow } from '../ghost/causal-ghost.ts';
import type { DiskSnapshot } from './disk.ts';
import type { SortedRows } from './disk-rows.ts';
import type { SimProcess } from './process.ts';
import type { World } from './world.ts';

/**
 * Whether `victim` may lose what it holds under `rows`. `before` is the directory as it was, when the loss has already
 * been tried out on it.
 */
export function mayLose(
  world: World,
  victim: SimProcess,
  rows: readonly string[],
  before: DiskSnapshot | null = null,
): boolean {
  if (!othersHealthy(world, victim) || leavesOneCopy(world, world.aims)) return false;
  return rows.every((row) => {
    // A vote that was given and forgotten is not repaired by anybody: a second ring could be chosen.
    if (!row.startsWith('d/')) return !votePrefixes.some((prefix) => row.startsWith(prefix));
    const bytes = before === null ? victim.disk.durable(row) : before.rows.get(row);
    return bytes === null || livesElsewhere(world, victim, row, bytes);
  });
}

/**
 * Whether `victim` may lose its whole directory. Beyond what `mayLose` asks: no ring is being voted on, now or later in
 * votes that it could have given before, and it owes nobody a write.
 */
export function mayWipe(world: World, victim: SimProcess): boolean {
  const { processes } = world;
  const epoch = victim.machine?.ring()?.epoch;
  const settled = processes.every(({ boots, machine }) => {
    const ring = machine?.ring() ?? null;
    return boots > 0 && ring !== null && ring.epoch === epoch && ring.changing === null;
  });
  if (processes.length < 2 || !settled) return false;
  const rows = [...victim.disk.durableRows()];
  if (rows.some((row) => owingPrefixes.some((prefix) => row.startsWith(prefix)))) return false;
  return mayLose(
    world,
    victim,
    rows.filter((row) => row.startsWith('d/')),
  );
}

/**
 * Whether operators may begin `aim`. A good copy may not leave the ring while another is damaged and no third is there:
 * the node that is left cannot be mended, and the other waits for ever to hand its copy over.
 */
export function mayBegin(world: World, aim: RingAim): boolean {
  const damaged = world.processes.some(({ disk }) => disk.snapshot().corrupt.size > 0);
  return !damaged || !leavesOneCopy(world, [...world.aims, aim]);
}

/** Whether some key may come to lie on one node alone if everything that operators want is done. */
function leavesOneCopy({ processes }: World, aims: readonly RingAim[]): boolean {
  const going = new Set<string>();
  for (const each of aims) if (each.kind === 'drain' || each.kind === 'remove') going.add(each.nodeId);
  const staying = processes.filter(({ nodeId, boots }) => boots > 0 && !going.has(nodeId)).length;
  const thinned = aims.some((each) => each.kind === 'replicas' && each.replicas < 2);
  return thinned || (going.size > 0 && staying < 2);
}

const owingPrefixes = ['h/', 'l/', 'm/owed/'];
const votePrefixes = ['m/ring', 'm/paxos', 'm/vote'];

/** Rows whose value is not the same in both. */
export function changedRows(before: SortedRows, after: SortedRows): string[] {
  const rows = new Set([...before.keys(), ...after.keys()]);
  return [...rows].filter((row) => before.get(row) !== after.get(row));
}

/** No other node has lost anything that it has not got back, whether it knows of it or not. */
function othersHealthy(world: World, victim: SimProcess): boolean {
  return world.processes.every((process) => {
    if (process === victim || process.boots === 0) return true;
    const state = process.machine?.state;
    return (state === 'normal' || state === 'left') && process.disk.snapshot().corrupt.size === 0;
  });
}

/** A copy on a node that is no replica of the key any more, or soon will not be, does not count: it is about to be dropped. */
function livesElsewhere(world: World, victim: SimProcess, row: string, bytes: Uint8Array): boolean {
  const record = decodeRecord(bytes);
  if (record === null) return true;
  const bucket = bucketOfRow(row);
  return world.processes.some((process) => {
    const ring = process.machine?.ring() ?? null;
    if (process === victim || ring === null) return false;
    const { current, pending } = ring.replicasOf(bucket);
    if (!current.includes(process.nodeId) || pending?.includes(process.nodeId) === false) return false;
    const other = process.disk.durable(row);
    const copy = other === null ? null : decodeRecord(other);
    return copy !== null && descends(copy.clock, record.clock);
  });
}
