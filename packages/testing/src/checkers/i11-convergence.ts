import { equalBytes } from '@starling/core/base/bytes.ts';
import { dropExpired, withVote } from '@starling/core/causality/dvv-set.ts';
import { decodeRecord, encodeRecord } from '@starling/core/codec/record.ts';
import { bucketOfRow, recordPrefix } from '../ghost/causal-ghost.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';

/**
 * I11: once faults are over and repair is quiet, all replicas of a key hold the same bytes, and nobody else holds the
 * key. Observes every disk at quiesce, by the ring the nodes agree on.
 */
export class Convergence implements Checker {
  readonly id = 'I11';
  readonly #context: CheckContext;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  quiesced(): void {
    const finding = findDivergence(this.#context);
    ensure(this.id, finding === null, () => finding ?? '');
  }
}

/** The first way in which the disks differ from one another, in words; null if they have converged. */
export function findDivergence({ world, ghost }: Pick<CheckContext, 'world' | 'ghost'>): string | null {
  const processes = world.processes.filter((process) => process.boots > 0);
  const ring = processes[0]?.machine?.ring() ?? null;
  if (ring === null) return 'a node has no ring';
  for (const row of ghost.rows()) {
    const bucket = bucketOfRow(row);
    const { current, pending } = ring.replicasOf(bucket);
    if (pending !== null) return `${row} is still moving to ${pending.join(', ')}`;
    const owners = processes.filter((process) => current.includes(process.nodeId));
    const finding = divergenceOf(row, owners, processes);
    if (finding !== null) return finding;
  }
  return null;
}

function divergenceOf(row: string, owners: readonly SimProcess[], all: readonly SimProcess[]): string | null {
  const damaged = owners.find((owner) => owner.disk.read(row) === 'corrupt');
  if (damaged !== undefined) return `${damaged.nodeId} holds a damaged record of ${row}`;
  const first = owners[0];
  if (first === undefined) return `nobody owns ${row}`;
  const bytes = contentOf(first, row);
  for (const owner of owners) {
    const other = contentOf(owner, row);
    if (!sameBytes(bytes, other) && !sameBytes(withoutEnding(bytes), withoutEnding(other)))
      return `${owner.nodeId} and ${first.nodeId} hold different records of ${row}`;
  }
  const squatter = all.find((process) => !owners.includes(process) && process.disk.read(row) !== null);
  return squatter === undefined ? null : `${squatter.nodeId} still holds ${row}, which is not its own`;
}

/** Each replica drops what has expired when its own clock says so: what is left of a record once all of it has. */
function withoutEnding(bytes: Uint8Array | null): Uint8Array | null {
  const record = bytes === null ? null : decodeRecord(bytes);
  return record === null ? bytes : encodeRecord(dropExpired(record, Number.POSITIVE_INFINITY));
}

/**
 * What the replica holds of the key, as bytes. Its vote is its own affair: a value that is settled anew under a higher ballot
 * stays the same value where that was not heard of.
 */
function contentOf({ disk }: SimProcess, row: string): Uint8Array | null {
  const bytes = disk.durable(row);
  const record = bytes === null ? null : decodeRecord(bytes);
  if (record === null || record.vote === null) return bytes;
  return record.siblings.length === 0 ? null : encodeRecord(withVote(record, null));
}

function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return equalBytes(a, b);
}

/** Whether a row is a key's record. */
export function isRecordRow(row: string): boolean {
  return row.startsWith(recordPrefix);
}
