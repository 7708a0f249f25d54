import { type LevelDatabase, rowEncoding } from './level-database.ts';
import { openRow } from './record-envelope.ts';
import { scanMachineRows, scanRows } from './row-scan.ts';
import {
  type BootNote,
  baseRow,
  batchOfRow,
  batchRowsAfter,
  batchRowsUntil,
  bootRow,
  decodeBootNote,
  decodeNumber,
} from './store-rows.ts';

/** What the store's own rows say about the history of a database. */
export interface Past {
  /** Left by the newest start. */
  readonly note: BootNote | null;
  /** Number of the newest batch. */
  readonly highest: number;
  /** Batches that should be here, between the last one that needs no row of its own and the newest, and are not. */
  readonly missing: number;
  /** Rows of the store that fail their checksum. */
  readonly corrupt: number;
  /** The machine has no rows. */
  readonly empty: boolean;
}

export async function readPast(database: LevelDatabase): Promise<Past> {
  const note = await readOwn(database, bootRow);
  const baseBytes = await readOwn(database, baseRow);
  const machine = await scanMachineRows(database, {
    after: '',
    until: '\u{10ffff}',
    rowsMax: 1,
    bytesMax: 1,
  });
  const batches = await readBatches(database, baseBytes instanceof Uint8Array ? decodeNumber(baseBytes) : 0);
  const damaged = [note, baseBytes].filter((value) => value === 'corrupt').length;
  return {
    note: note instanceof Uint8Array ? decodeBootNote(note) : null,
    highest: batches.highest,
    missing: batches.missing,
    corrupt: batches.corrupt + damaged,
    empty: machine.rows.length === 0,
  };
}

async function readBatches(database: LevelDatabase, base: number) {
  let highest = base;
  let missing = 0;
  let corrupt = 0;
  for (let after = batchRowsAfter; ; ) {
    const page = await scanRows(database, {
      after,
      until: batchRowsUntil,
      rowsMax: 4096,
      bytesMax: 1_048_576,
    });
    for (const [row, value] of page.rows) {
      const sequence = batchOfRow(row);
      if (value === 'corrupt' || Number.isNaN(sequence)) corrupt++;
      else if (sequence > base) {
        missing += sequence - highest - 1;
        highest = sequence;
      }
      after = row;
    }
    if (page.done) return { highest, missing, corrupt };
  }
}

async function readOwn(database: LevelDatabase, row: string): Promise<Uint8Array | 'corrupt' | null> {
  const sealed = await database.get<string, Uint8Array>(row, rowEncoding);
  return sealed === undefined ? null : openRow(row, sealed);
}
