/**
 * The store's own rows, beside those of the machine. They begin with U+0000, which no row of the machine does, so
 * they sort before all of those and no scan meets them.
 *
 * `\0batch/number` is written with each batch and says that the batch is here. Numbers run without a gap from just past
 * `\0base` to the newest. A batch leaves that list when it can no longer be in a log of LevelDB, where a damaged
 * block would drop it silently, but must be in a table.
 */
const batchPrefix = '\0batch/';
const digits = 14;

export const baseRow = '\0base';
export const bootRow = '\0boot';

/** Sorts after every row of the store and before every row of the machine. */
export const firstMachineRow = '\u0001';

/** Every `batchRow` lies between these two. */
export const batchRowsAfter = batchPrefix;
export const batchRowsUntil = '\0batch0';

/** The row that stands for batch `sequence`. */
export function batchRow(sequence: number): string {
  return batchPrefix + sequence.toString(16).padStart(digits, '0');
}

/** The number in a batch row's name, or NaN. */
export function batchOfRow(row: string): number {
  return row.length === batchPrefix.length + digits
    ? Number.parseInt(row.slice(batchPrefix.length), 16)
    : Number.NaN;
}

/** What the newest start left: how often a node was started here, and whose rows these are. */
export interface BootNote {
  readonly bootCounter: number;
  readonly instanceId: string;
}

export function encodeBootNote(note: BootNote): Buffer {
  return Buffer.from(`${note.bootCounter} ${note.instanceId}`);
}

export function decodeBootNote(payload: Uint8Array): BootNote | null {
  const match = /^(\d{1,15}) ([0-9a-f]{16})$/.exec(Buffer.from(payload).toString('latin1'));
  return match === null ? null : { bootCounter: Number(match[1]), instanceId: match[2]! };
}

export function encodeNumber(value: number): Buffer {
  return Buffer.from(String(value));
}

export function decodeNumber(payload: Uint8Array): number {
  return Number(Buffer.from(payload).toString('latin1'));
}
