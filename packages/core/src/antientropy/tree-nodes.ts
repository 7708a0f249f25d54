import type { Bucket, NodeId, WallMs } from '../base/ids.ts';
import { type BucketRange, bucketCount } from '../ring/bucket-range.ts';
import { sipTagHex } from '../ring/siphash.ts';
import type { Leaves } from './leaves.ts';

/** Levels of the tree as it is shown: each node has 16 below it. At 0 there is one for all buckets, at 4 one for each. */
export const treeDepthMax = 4;

/** Another node that holds buckets of a range, and up to when the two are proven equal there; null for not. */
export interface Sharer {
  readonly nodeId: NodeId;
  readonly provenEqual: WallMs | null;
}

/** One node of the hash tree: the buckets `from` to `to`, both included. */
export interface TreeNode extends BucketRange {
  readonly hash: string;
  readonly records: number;
  /** In order of id. */
  readonly sharers: readonly Sharer[];
}

export interface TreeNodes {
  readonly nodes: readonly TreeNode[];
  /** Where the next node begins; null if none is left. */
  readonly next: Bucket | null;
}

/** The first `limit` nodes at `depth` that have buckets of `range`, whole. */
export function treeNodes(
  leaves: Leaves,
  sharers: (range: BucketRange) => readonly Sharer[],
  { from, to }: BucketRange,
  depth: number,
  limit: number,
): TreeNodes {
  const width = bucketCount / 16 ** depth;
  const nodes: TreeNode[] = [];
  let first = from - (from % width);
  for (; first <= to && nodes.length < limit; first += width) {
    const span = { from: first, to: first + width - 1 };
    const { hash, records } = leaves.span(span.from, span.to);
    nodes.push({ ...span, hash: sipTagHex(hash), records, sharers: sharers(span) });
  }
  return { nodes, next: first <= to ? first : null };
}
