import { emptyRecord, isTombstone } from '@starling/core/causality/dvv-set.ts';
import { decodeRecord } from '@starling/core/codec/record.ts';
import { countsRow, decodeCounts } from '@starling/core/node/meta-rows.ts';
import { keyRefOfRow } from '@starling/core/ring/key.ts';
import { indexPrefix, indexRow } from '@starling/core/ring/rows.ts';
import type { SimProcess } from '../sim/process.ts';
import { type CheckContext, type Checker, ensure } from './checker.ts';
import { isRecordRow } from './i11-convergence.ts';

interface Derived {
  readonly listed: Set<string>;
  readonly keys: number;
  readonly tombstones: number;
  readonly recordBytes: number;
}

/**
 * I38: at rest, what a disk derives from its records is what they say: the listing names the live keys and no others, and
 * the counts are exact, on disk and in memory. Observes the rows of every disk.
 */
export class DerivedRows implements Checker {
  readonly id = 'I38';
  readonly #context: CheckContext;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  quiesced(): void {
    for (const process of this.#context.world.processes) {
      if (process.machine?.state !== 'normal') continue;
      const derived = derive(process);
      if (derived === null) continue;
      this.#checkListing(process, derived);
      this.#checkCounts(process, derived);
    }
  }

  #checkListing({ nodeId, disk }: SimProcess, { listed }: Derived): void {
    const rows = new Set([...disk.durableRows()].filter((row) => row.startsWith(indexPrefix)));
    const missing = [...listed].find((row) => !rows.has(row));
    ensure(this.id, missing === undefined, () => `${nodeId} does not list ${missing}, which is live`);
    const extra = [...rows].find((row) => !listed.has(row));
    ensure(this.id, extra === undefined, () => `${nodeId} lists ${extra}, which is not live`);
  }

  #checkCounts(process: SimProcess, { keys, tombstones, recordBytes }: Derived): void {
    const row = process.disk.durable(countsRow);
    const stored = decodeCounts(row ?? undefined) ?? { keys: 0, tombstones: 0, recordBytes: 0 };
    // Nobody knows how many bytes a record had before it was damaged.
    const damage = (this.#context.world.options.faults['disk.corruptRow'] ?? 0) > 0;
    for (const counts of [stored, process.machine!.counts()])
      ensure(
        this.id,
        counts.keys === keys &&
          counts.tombstones === tombstones &&
          (damage || counts.recordBytes === recordBytes),
        () =>
          `${process.nodeId} counts ${counts.keys} keys, ${counts.tombstones} tombstones and ${counts.recordBytes} bytes, not ${keys}, ${tombstones} and ${recordBytes}`,
      );
  }
}

/** What the records of a disk say; null where one of them is damaged, whether that was noticed or not. */
function derive({ disk, machine }: SimProcess): Derived | null {
  const listed = new Set<string>();
  let tombstones = 0;
  let recordBytes = 0;
  if (machine!.damagedRecords() > 0 || disk.snapshot().corrupt.size > 0) return null;
  for (const row of disk.durableRows()) {
    const ref = isRecordRow(row) ? keyRefOfRow(row) : null;
    if (ref === null) continue;
    const bytes = disk.durable(row)!;
    const record = decodeRecord(bytes) ?? emptyRecord;
    recordBytes += bytes.length;
    // A promise for a key that was never written counts with the tombstones.
    if (record.siblings.length === 0 || isTombstone(record)) tombstones++;
    else listed.add(indexRow(ref));
  }
  return { listed, keys: listed.size, tombstones, recordBytes };
}
