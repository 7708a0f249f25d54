import type { Bucket, NodeId } from '../base/ids.ts';
import { bucketCount } from './bucket-range.ts';
import { KnownLists } from './known-lists.ts';
import { blankList, preferenceList, spreadOver } from './preference-list.ts';
import type { RingDoc } from './ring-doc.ts';
import { type Layout, layoutNext, layoutNow } from './settle.ts';
import { type Vnodes, vnodesOf } from './vnodes.ts';

/**
 * Who holds a bucket. `current` holds it as of this epoch; `pending` will hold it after the change in progress, and
 * is null where that is the same set of nodes. Where it is not null, a quorum is a majority of each list. Most
 * preferred first; lists of equal content are one object.
 */
export interface ReplicaSet {
  readonly current: readonly NodeId[];
  readonly pending: readonly NodeId[] | null;
}

/** The arcs of a ring in ascending order: the i-th ends at `ends[i]`, where the next one begins, and `sets[i]` holds it. */
export interface Arcs {
  readonly ends: Uint16Array;
  readonly sets: readonly ReplicaSet[];
}

/**
 * The arcs of a ring as it is now and as it will be after the change in progress: within one of them neither layout has
 * more than one preference list.
 */
export function arcsOf(doc: RingDoc): Arcs {
  const numbers = new Map(doc.members.map(({ nodeId }, i) => [nodeId, i] as const));
  const known = new KnownLists(doc.members.map(({ nodeId }) => nodeId));
  const now = listed(layoutNow(doc), numbers, known);
  const next = doc.change === null ? now : listed(layoutNext(doc), numbers, known);
  const ends = allTokens(now.vnodes.tokens, next.vnodes.tokens);
  return { ends, sets: replicaSets(ends, now, next, known) };
}

/** By bucket: index of the arc that ends at the smallest token which is not below it, wrapping round. */
export function arcsByBucket(ends: Uint16Array): Uint16Array {
  const arcOf = new Uint16Array(bucketCount);
  let from = 0;
  ends.forEach((end, arc) => {
    arcOf.fill(arc, from, end + 1);
    from = end + 1;
  });
  return arcOf;
}

/** The vnodes of a layout, and for each the number under which the preference list of its arc is known. */
interface Listed {
  readonly vnodes: Vnodes;
  readonly lists: Uint32Array;
}

function listed(
  { members, replicas }: Layout,
  numbers: ReadonlyMap<NodeId, number>,
  known: KnownLists,
): Listed {
  const vnodes = vnodesOf(members);
  const numberOf = members.map(({ nodeId }) => numbers.get(nodeId)!);
  const zones = members.map((member) => member.zone);
  const spread = spreadOver(zones, () => true, replicas);
  const list = blankList(spread);
  const lists = Uint32Array.from(vnodes.nodes, (_, at) =>
    known.numberOf(preferenceList(vnodes, at, spread, list), numberOf),
  );
  return { vnodes, lists };
}

/** The tokens of two ascending rows, each once. */
function allTokens(a: Uint16Array, b: Uint16Array): Uint16Array {
  if (a === b) return a;
  const all = new Uint16Array(a.length + b.length);
  let length = 0;
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const token: Bucket = Math.min(a[i] ?? bucketCount, b[j] ?? bucketCount);
    if (a[i] === token) i++;
    if (b[j] === token) j++;
    all[length++] = token;
  }
  return all.slice(0, length);
}

/** For each arc, who holds it. */
function replicaSets(ends: Uint16Array, now: Listed, next: Listed, known: KnownLists): ReplicaSet[] {
  const sets = new Map<number, ReplicaSet>();
  const listCount = known.size;
  const result: ReplicaSet[] = [];
  let i = 0;
  let j = 0;
  for (const end of ends) {
    while (i < now.lists.length && now.vnodes.tokens[i]! < end) i++;
    while (j < next.lists.length && next.vnodes.tokens[j]! < end) j++;
    const before = now.lists[i === now.lists.length ? 0 : i]!;
    const after = next.lists[j === next.lists.length ? 0 : j]!;
    const name = before * listCount + after;
    let set = sets.get(name);
    if (set === undefined) {
      set = replicaSet(known.list(before), known.list(after));
      sets.set(name, set);
    }
    result.push(set);
  }
  return result;
}

function replicaSet(current: readonly NodeId[], after: readonly NodeId[]): ReplicaSet {
  const same = current.length === after.length && current.every((nodeId) => after.includes(nodeId));
  return { current, pending: same ? null : after };
}
