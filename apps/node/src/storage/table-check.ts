/**
 * Finds bit rot in LevelDB's tables before LevelDB does. It does not check its tables itself, and what it makes of a
 * flipped byte is not limited to wrong data: a flipped length ends in a failed assertion, and so the process, at every
 * start again; a flipped key makes a row vanish; a flipped bit of the filter makes it vanish for reads alone.
 */
import { compareBytes } from '@starling/core/base/bytes.ts';
import { utf8Text } from '@starling/core/base/utf8.ts';
import { openRow } from './record-envelope.ts';
import {
  type BlockEntry,
  type BlockHandle,
  decodeHandle,
  isBlockSound,
  readEntries,
  readFooter,
} from './table-format.ts';

/**
 * `sound`: every byte that matters is as it was written. `readable`: rows are spoiled or missing, but LevelDB can walk
 * over them; `witness` names a row of the table that is well. `unreadable`: LevelDB must not be let near it.
 */
export type TableHealth =
  | { readonly kind: 'sound' }
  | { readonly kind: 'readable'; readonly witness: string }
  | { readonly kind: 'unreadable' };

const sound: TableHealth = { kind: 'sound' };
const unreadable: TableHealth = { kind: 'unreadable' };
/** Sequence number and type at the end of each key in a table. */
const keyTrailerBytes = 8;

/** Judges a whole table file. */
export function checkTable(file: Uint8Array): TableHealth {
  const footer = readFooter(file);
  if (footer === null || !isBlockSound(file, footer.metaIndex) || !isBlockSound(file, footer.index))
    return unreadable;
  const filters = readEntries(file, footer.metaIndex);
  const index = readEntries(file, footer.index);
  if (filters === null || index === null) return unreadable;
  for (const { value } of filters) {
    const handle = decodeHandle(value);
    if (handle === null || !isBlockSound(file, handle)) return unreadable;
  }
  return checkDataBlocks(file, index);
}

function checkDataBlocks(file: Uint8Array, index: readonly BlockEntry[]): TableHealth {
  let damaged = false;
  let before: Uint8Array | null = null;
  for (const { key, value } of index) {
    const handle = decodeHandle(value);
    if (handle === null) return unreadable;
    if (!isBlockSound(file, handle)) {
      damaged = true;
      if (!isWalkable(file, handle, before, key)) return unreadable;
    }
    before = key;
  }
  return damaged ? witnessed(file, index) : sound;
}

/** Without a single good row a table cannot be cured in place. */
function witnessed(file: Uint8Array, index: readonly BlockEntry[]): TableHealth {
  for (const { value } of index) {
    const witness = firstGoodRow(file, decodeHandle(value)!);
    if (witness !== null) return { kind: 'readable', witness };
  }
  return unreadable;
}

/** Whether a damaged block still has keys in an order that LevelDB takes for granted, within the bounds of the index. */
function isWalkable(
  file: Uint8Array,
  handle: BlockHandle,
  before: Uint8Array | null,
  until: Uint8Array,
): boolean {
  const entries = readEntries(file, handle);
  if (entries === null || entries.length === 0) return false;
  let last = before;
  for (const { key } of entries) {
    if (key.length < keyTrailerBytes || key[key.length - keyTrailerBytes]! > 1) return false;
    if (last !== null && compareKeys(last, key) >= 0) return false;
    last = key;
  }
  return compareKeys(last!, until) <= 0;
}

/** The order of keys in a table: by the row, then the newest first. */
function compareKeys(a: Uint8Array, b: Uint8Array): number {
  const [rowA, rowB] = [a.subarray(0, -keyTrailerBytes), b.subarray(0, -keyTrailerBytes)];
  const order = compareBytes(rowA, rowB);
  if (order !== 0) return order;
  for (let at = 1; at <= keyTrailerBytes; at++) {
    const difference = b[b.length - at]! - a[a.length - at]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

function firstGoodRow(file: Uint8Array, handle: BlockHandle): string | null {
  for (const { key, value } of readEntries(file, handle) ?? []) {
    const row = utf8Text(key, 0, key.length - keyTrailerBytes);
    // A copy, because opening a row changes it.
    if (row !== null && openRow(row, new Uint8Array(value)) !== 'corrupt') return row;
  }
  return null;
}
