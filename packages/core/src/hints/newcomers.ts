import type { Bucket, NodeId, RingEpoch } from '../base/ids.ts';
import { ByteReader } from '../codec/reader.ts';
import { ByteWriter } from '../codec/writer.ts';
import { bucketCount } from '../ring/bucket-range.ts';
import { holds, type ReplicaSet, type Ring } from '../ring/ring.ts';
import type { HintRows, HintStore } from './hint-store.ts';

/** The newest ring whose newcomers are owed what they should be. */
const hintedEpochRow = 'm/hinted-epoch';

/**
 * Makes hints follow the ring. A node that becomes a replica takes the key over from a majority of the old ones, which
 * has every acknowledged quorum write, but maybe not a write of a weaker level, or one that failed half way: that may
 * be on the disk of its coordinator alone, which may be no replica any more. As long as the coordinator owes such a
 * key to anybody, it owes it to the newcomers too; once it owes nobody, every old replica holds what it wrote, and
 * the newcomer gets it from whichever of them it asks.
 */
export class Newcomers {
  readonly #rows: HintRows;
  readonly #hints: HintStore;
  readonly #self: NodeId;
  #hintedEpoch: RingEpoch = 0;

  constructor(rows: HintRows, hints: HintStore, self: NodeId) {
    this.#rows = rows;
    this.#hints = hints;
    this.#self = self;
  }

  /** Takes in one row found at boot; false if it is none of ours. */
  restore(row: string, value: Uint8Array | null | 'corrupt'): boolean {
    if (row !== hintedEpochRow) return false;
    if (value instanceof Uint8Array) {
      const reader = new ByteReader(value);
      const epoch = reader.varint();
      if (reader.complete()) this.#hintedEpoch = epoch;
    }
    return true;
  }

  /**
   * `ring` is in force; `previous` was before it, in this life. At boot there is none: then the durable epoch tells
   * whether this very ring has been dealt with, and if not, every replica counts as new.
   */
  ringChanged(ring: Ring, previous: Ring | null): void {
    if (previous === null && ring.epoch === this.#hintedEpoch) return;
    const newTo = (bucket: Bucket) =>
      members(ring.replicasOf(bucket)).filter(
        (node) => node !== this.#self && (previous === null || !holds(previous.replicasOf(bucket), node)),
      );
    for (const ref of this.#hints.keys()) for (const node of newTo(ref.bucket)) this.#hints.add(node, ref);
    if (this.#hints.owesAnyoneAll)
      for (const node of newAnywhere(ring, previous, newTo)) this.#hints.oweAll(node);
    this.#note(ring.epoch);
  }

  /** In the batch of the hints: a crash before it is durable makes the next life look again. */
  #note(epoch: RingEpoch): void {
    this.#hintedEpoch = epoch;
    const writer = new ByteWriter();
    writer.varint(epoch);
    this.#rows.stage(hintedEpochRow, writer.finish());
  }
}

function members({ current, pending }: ReplicaSet): readonly NodeId[] {
  return pending === null ? current : [...new Set([...current, ...pending])];
}

/** Nodes that are new to at least one bucket. Buckets of one arc of both rings, which lie together, are asked for once. */
function newAnywhere(
  ring: Ring,
  previous: Ring | null,
  newTo: (bucket: Bucket) => readonly NodeId[],
): ReadonlySet<NodeId> {
  const found = new Set<NodeId>();
  let now: ReplicaSet | null = null;
  let before: ReplicaSet | null = null;
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const [set, old] = [ring.replicasOf(bucket), previous?.replicasOf(bucket) ?? null];
    if (set === now && old === before) continue;
    now = set;
    before = old;
    for (const node of newTo(bucket)) found.add(node);
  }
  return found;
}
