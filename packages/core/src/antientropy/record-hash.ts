import type { StoredRecord } from '../causality/record.ts';
import { writeClock, writeDot } from '../codec/clock.ts';
import { ByteWriter } from '../codec/writer.ts';
import type { KeyRef } from '../ring/key.ts';
import { type SipTag, sipHash, sipKey } from '../ring/siphash.ts';

/** No secret: the hash finds differences, it does not keep anybody out. */
const key = sipKey(new Uint8Array(16));

/** Filled and emptied within one call. */
const scratch = new ByteWriter(512);

/** What a key that was never written adds to its bucket: nothing. */
export const noHash: SipTag = { low: 0, high: 0 };

/**
 * 64 bits for what a replica knows of one key: which key, which writes it has seen, which of them it still carries.
 * Values are left out: a dot names one write for ever, and what has expired here but not yet there is no difference.
 * The key goes in as its hash, which is over lengths too, so ("a:b", "c") and ("a", "b:c") never look alike.
 */
export function recordHash(ref: KeyRef, record: StoredRecord): SipTag {
  if (record.clock.length === 0) return noHash;
  const writer = scratch.clear();
  writer.hex64(ref.hash);
  writeClock(writer, record.clock);
  for (const { dot } of record.siblings) writeDot(writer, dot);
  return sipHash(key, writer.view());
}

/** Whether two hashes are the same. */
export function sameHash(a: SipTag, b: SipTag): boolean {
  return a.low === b.low && a.high === b.high;
}
