/**
 * The one kind of damage to its log that LevelDB takes for no damage at all. A record that claims to be longer than the
 * rest of the file looks like the last, unfinished append of a process that died, and is skipped in silence with all
 * that follows it in the block. A flipped byte in the length of a finished record looks the same. The two differ: the
 * checksum of the finished record fits some shorter length, that of the unfinished one fits none.
 *
 * Layout (LevelDB, doc/log_format.md): blocks of 32 KiB; in them records of a masked CRC-32C, a length of two bytes, a
 * type, and the data; the checksum covers type and data. Must be asked before LevelDB opens and removes the log.
 */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32c } from '@starling/core/codec/crc32c.ts';
import { readWord, unmaskChecksum } from './table-format.ts';

const blockBytes = 32_768;
const headerBytes = 7;
const typeAt = 6;

/** How many logs in a database's directory end in a finished record under a wrong length. */
export async function logsWithHiddenRecords(directory: string): Promise<number> {
  const names = await readdir(directory).catch((): string[] => []);
  let found = 0;
  for (const name of names) {
    if (name.endsWith('.log') && hidesRecord(await lastBlock(join(directory, name)))) found++;
  }
  return found;
}

/** Whether the last block of a log ends in a record that says it is longer than it was when it was written. */
export function hidesRecord(block: Uint8Array): boolean {
  let at = 0;
  while (at + headerBytes <= block.length) {
    const length = block[at + 4]! | (block[at + 5]! << 8);
    const end = at + headerBytes + length;
    if (end > block.length) return fitsShorter(block, at);
    at = end;
  }
  return false;
}

/** At most 32 768 checksums over at most as many bytes, and only where a log ends in an unfinished record. */
function fitsShorter(block: Uint8Array, at: number): boolean {
  const wanted = unmaskChecksum(readWord(block, at));
  for (let end = at + headerBytes; end <= block.length; end++) {
    if (crc32c(block, at + typeAt, end) === wanted) return true;
  }
  return false;
}

async function lastBlock(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = size - (size % blockBytes);
    const block = new Uint8Array(size - start);
    const { bytesRead } = await file.read(block, 0, block.length, start);
    return block.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
