/**
 * LevelDB's log files, to which its manifest belongs too (doc/log_format.md): blocks of 32 KiB; in them fragments of a
 * masked CRC-32C over type and data, a length of two bytes, a type, and the data. A record is one fragment or several.
 */
import { crc32c } from '@starling/core/codec/crc32c.ts';
import { readWord, unmaskChecksum } from './table-format.ts';

export const logBlockBytes = 32_768;
export const fragmentHeaderBytes = 7;
const typeAt = 6;

/** Types of fragments; a record is one `whole`, or a `first`, any number of `middle` and a `last`. */
const fragmentType = { whole: 1, first: 2, middle: 3, last: 4 } as const;

/** Where the fragment at `at` of a block ends by its own account, which may be beyond the block. */
export function fragmentEnd(block: Uint8Array, at: number): number {
  return at + fragmentHeaderBytes + (block[at + 4]! | (block[at + 5]! << 8));
}

/** Whether the checksum of the fragment at `at` fits it when it ends at `end`. */
export function isFragmentSound(block: Uint8Array, at: number, end: number): boolean {
  return crc32c(block, at + typeAt, end) === unmaskChecksum(readWord(block, at));
}

/** The records of a log, up to its end or to the first thing that is none. */
export function readLogRecords(log: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = [];
  let parts: Uint8Array[] = [];
  for (let start = 0; start < log.length; start += logBlockBytes) {
    const block = log.subarray(start, start + logBlockBytes);
    for (let at = 0; at + fragmentHeaderBytes <= block.length; ) {
      const end = fragmentEnd(block, at);
      if (end > block.length || !isFragmentSound(block, at, end)) return records;
      const type = block[at + typeAt]!;
      if (type === fragmentType.whole || type === fragmentType.first) parts = [];
      parts.push(block.subarray(at + fragmentHeaderBytes, end));
      if (type === fragmentType.whole || type === fragmentType.last) records.push(Buffer.concat(parts));
      at = end;
    }
  }
  return records;
}
