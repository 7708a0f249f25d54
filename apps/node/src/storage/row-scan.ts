import type { LevelDatabase } from './level-database.ts';
import { rowEncoding } from './level-database.ts';
import { openRow } from './record-envelope.ts';
import { firstMachineRow } from './store-rows.ts';

/** A row as read back: its payload, or bytes that do not match their checksum. */
export type ScannedRow = readonly [row: string, value: Uint8Array | 'corrupt'];

export interface ScanRange {
  /** Rows after this one, and before `until`, by UTF-8 bytes. */
  readonly after: string;
  readonly until: string;
  readonly rowsMax: number;
  /** The page ends with the row that reaches this. */
  readonly bytesMax: number;
}

export interface ScanPage {
  readonly rows: readonly ScannedRow[];
  /** The range has no more rows. */
  readonly done: boolean;
}

/** Entries asked of LevelDB at once: they are turned into JavaScript in one go on the main thread. */
const entriesPerCallMax = 256;
/** Bytes of entries per call, for the same reason. */
const bytesPerCallMax = 1_048_576;

/**
 * One page of rows of the machine, as of one moment. Rejects with LevelDB's error if a block in the range could not be
 * read: LevelDB itself steps over such a block without a word and mentions it only at the end of the iteration.
 */
export function scanMachineRows(database: LevelDatabase, range: ScanRange): Promise<ScanPage> {
  return scanRows(database, range.after < firstMachineRow ? { ...range, after: firstMachineRow } : range);
}

/** The same over all rows, those of the store included. */
export async function scanRows(database: LevelDatabase, range: ScanRange): Promise<ScanPage> {
  const { after, until, rowsMax, bytesMax } = range;
  const iterator = database.iterator<string, Uint8Array>({
    ...rowEncoding,
    gt: after,
    lt: until,
    highWaterMarkBytes: Math.min(bytesMax, bytesPerCallMax),
  });
  try {
    const rows: ScannedRow[] = [];
    let bytes = 0;
    for (;;) {
      // One row more than wanted, to know whether there is one.
      const entries = await iterator.nextv(Math.min(rowsMax - rows.length + 1, entriesPerCallMax));
      if (entries.length === 0) return { rows, done: true };
      for (const [row, sealed] of entries) {
        if (rows.length >= rowsMax || (rows.length > 0 && bytes >= bytesMax)) {
          // Past the end LevelDB reports what it stepped over on the way here.
          iterator.seek(until);
          await iterator.nextv(1);
          return { rows, done: false };
        }
        bytes += sealed.length;
        rows.push([row, openRow(row, sealed)]);
      }
    }
  } finally {
    await iterator.close();
  }
}

/** Every row that starts with `prefix`, which must end in `/`. For kinds that are bounded by the machine. */
export async function rowsWithPrefix(database: LevelDatabase, prefix: string): Promise<ScannedRow[]> {
  const until = `${prefix.slice(0, -1)}0`;
  const rows: ScannedRow[] = [];
  for (let after = prefix; ; ) {
    const page = await scanMachineRows(database, { after, until, rowsMax: 1000, bytesMax: bytesPerCallMax });
    rows.push(...page.rows);
    if (page.done) return rows;
    after = page.rows.at(-1)![0];
  }
}
