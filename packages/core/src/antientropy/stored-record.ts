import type { StoredRecord } from '../causality/record.ts';
import { decodeRecord } from '../codec/record.ts';
import type { ReadRow } from '../node/input.ts';

/** Where records are besides on the disk. */
export interface Records {
  /** The record as it is in memory, durable or not; null if damaged, undefined if the disk has the newest. */
  inMemory(row: string): StoredRecord | null | undefined;
  /** A row that was read does not match its checksum: to be mended, from memory or from other replicas. */
  damaged(row: string): void;
}

/** The record that a scanned row stands for as it is now; null if it is damaged, which is reported. */
export function storedRecord(records: Records, row: string, value: ReadRow): StoredRecord | null {
  const held = records.inMemory(row);
  const stored = value instanceof Uint8Array ? decodeRecord(value) : null;
  if (stored === null) records.damaged(row);
  return held === undefined ? stored : held;
}
