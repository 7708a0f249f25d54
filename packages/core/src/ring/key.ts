import type { Bucket } from '../base/ids.ts';

/**
 * A key's full address. It is computed once at the edge and travels with the request,
 * because hashing is the costliest thing done to a short key.
 */
export interface KeyRef {
  readonly table: string;
  readonly key: string;
  /** First 64 bits of SHA-256 over the length-prefixed table and key, as 16 lower-case hex digits. */
  readonly hash: string;
  /** The top 16 bits of `hash`. */
  readonly bucket: Bucket;
  /** Storage row of the key's record, `d/hash/table/key`; also the key's identity in every map of the core. */
  readonly row: string;
}
