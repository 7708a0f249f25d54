import type { BootImage } from '@starling/core/node/options.ts';
import { recoveringRow } from '@starling/core/node/ownership.ts';
import { type LevelDatabase, rowEncoding } from './level-database.ts';
import { sealRow } from './record-envelope.ts';
import type { Recovered } from './recovery.ts';
import { rowsWithPrefix, scanRows } from './row-scan.ts';
import {
  baseRow,
  batchRowsAfter,
  batchRowsUntil,
  bootRow,
  encodeBootNote,
  encodeNumber,
} from './store-rows.ts';

const syncedBatch = { ...rowEncoding, sync: true } as const;

/** The kinds of rows that a machine is booted with. */
const bootPrefixes = ['m/', 'h/', 'l/'] as const;
/** Of these, the kinds of which none may be damaged: they say what this node has promised and begun. */
const vitalRow = /^[ml]\//;

/** The rows for the machine, and a doubt if a vital one is damaged. */
export async function readBootRows(
  database: LevelDatabase,
): Promise<{ readonly rows: BootImage['rows']; readonly doubts: readonly string[] }> {
  const kinds = await Promise.all(bootPrefixes.map((prefix) => rowsWithPrefix(database, prefix)));
  const rows = kinds.flat();
  const damaged = rows.filter(([row, value]) => value === 'corrupt' && vitalRow.test(row)).length;
  return { rows, doubts: damaged > 0 ? [`${damaged} rows of the node's own state are damaged`] : [] };
}

/**
 * The first write of a start, synced before anything is served: a database whose first write is not synced may not
 * open after a power cut (LevelDB issue 189). It counts the start, and it closes the past: opening has moved the log
 * into tables, so the batches up to here need no rows of their own. A doubt about the past is noted where the machine
 * looks for it, because a crash right after this would find no sign of it any more.
 */
export async function writeBootRecord(
  database: LevelDatabase,
  recovered: Recovered,
  doubtful: boolean,
): Promise<{ readonly bootCounter: number; readonly sequence: number }> {
  const bootCounter = recovered.bootCounter + 1;
  const sequence = recovered.sequence + 1;
  const note = { bootCounter, instanceId: recovered.identity.instanceId };
  const rows: [string, Uint8Array][] = [
    [bootRow, encodeBootNote(note)],
    [baseRow, encodeNumber(sequence)],
  ];
  if (doubtful) rows.push([recoveringRow, new Uint8Array(0)]);
  await database.batch<string, Uint8Array>(
    rows.map(([key, payload]) => ({ type: 'put', key, value: sealRow(key, payload) })),
    syncedBatch,
  );
  await removeBatchRows(database);
  return { bootCounter, sequence };
}

/** All of them are at or below the base by now, so it does not matter how far this gets. */
async function removeBatchRows(database: LevelDatabase): Promise<void> {
  for (;;) {
    const range = { after: batchRowsAfter, until: batchRowsUntil, rowsMax: 4096, bytesMax: 1_048_576 };
    const page = await scanRows(database, range);
    if (page.rows.length > 0) {
      await database.batch<string, Uint8Array>(
        page.rows.map(([key]) => ({ type: 'del', key })),
        syncedBatch,
      );
    }
    if (page.done) return;
  }
}
