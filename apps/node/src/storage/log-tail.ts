/**
 * The one kind of damage to its log that LevelDB takes for no damage at all. A fragment that claims to be longer than
 * the rest of the file looks like the last, unfinished append of a process that died, and is skipped in silence with
 * all that follows it in the block. A flipped byte in the length of a finished one looks the same. The two differ: the
 * checksum of a finished fragment fits some shorter length, that of an unfinished one fits none.
 *
 * Must be asked before LevelDB opens and removes the log.
 */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fragmentEnd, fragmentHeaderBytes, isFragmentSound, logBlockBytes } from './log-format.ts';

/** How many logs in a database's directory end in a finished record under a wrong length. */
export async function logsWithHiddenRecords(directory: string): Promise<number> {
  const names = await readdir(directory).catch((): string[] => []);
  let found = 0;
  for (const name of names) {
    if (name.endsWith('.log') && hidesRecord(await lastBlock(join(directory, name)))) found++;
  }
  return found;
}

/** Whether the last block of a log ends in a fragment that says it is longer than it was when it was written. */
export function hidesRecord(block: Uint8Array): boolean {
  let at = 0;
  while (at + fragmentHeaderBytes <= block.length) {
    const end = fragmentEnd(block, at);
    if (end > block.length) return fitsShorter(block, at);
    at = end;
  }
  return false;
}

/** At most 32 768 checksums over at most as many bytes, and only where a log ends in an unfinished fragment. */
function fitsShorter(block: Uint8Array, at: number): boolean {
  for (let end = at + fragmentHeaderBytes; end <= block.length; end++) {
    if (isFragmentSound(block, at, end)) return true;
  }
  return false;
}

async function lastBlock(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = size - (size % logBlockBytes);
    const block = new Uint8Array(size - start);
    const { bytesRead } = await file.read(block, 0, block.length, start);
    return block.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
