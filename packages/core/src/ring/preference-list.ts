/**
 * Preference lists: which nodes hold the replicas of an arc (DeCandia et al., "Dynamo", SOSP 2007, §4.3 and §6.2),
 * spread over zones so that the loss of a zone costs as few replicas of a key as it can.
 *
 * The walk goes round by round: in round r (from 1) a zone may hold at most r replicas of a key. So replicas lie in
 * as many zones as there are, up to N, and where zones are fewer than N each holds as equal a share as its size allows.
 */
export interface Spread {
  /** Zone of each node, as a number. */
  readonly zoneOf: readonly number[];
  readonly rounds: readonly Round[];
}

/**
 * Whether the last node is in every list, wherever its vnodes lie: so it is if the round in which all nodes of its zone find
 * a place is a full one. Who else is in a list then does not depend on its place either.
 */
export function lastIsInEvery(zones: readonly string[], replicas: number): boolean {
  const mates = zones.filter((zone) => zone === zones.at(-1)).length;
  const sizes = new Map<string, number>();
  for (const zone of zones) sizes.set(zone, (sizes.get(zone) ?? 0) + 1);
  let places = 0;
  for (const size of sizes.values()) places += Math.min(size, mates);
  return places <= replicas;
}

/** A list for `preferenceList` to write to: all have the same length. */
export function blankList({ rounds }: Spread): number[] {
  return Array.from({ length: rounds.at(-1)!.listLength }, () => 0);
}

interface Round {
  /** Replicas a zone may hold in this round. */
  readonly perZone: number;
  /** Length of the list after this round: what the nodes make possible, so every round finds what it looks for. */
  readonly listLength: number;
}

/** How N replicas spread over those nodes of which `takesPart` holds. `zones` names each node's zone. */
export function spreadOver(
  zones: readonly string[],
  takesPart: (node: number) => boolean,
  replicas: number,
): Spread {
  const names = [...new Set(zones)];
  const zoneOf = zones.map((zone) => names.indexOf(zone));
  const sizes = names.map((_, zone) => zoneOf.filter((of, node) => of === zone && takesPart(node)).length);
  const reachable = (perZone: number) => sizes.reduce((sum, size) => sum + Math.min(size, perZone), 0);
  const wanted = Math.min(replicas, reachable(zones.length));
  const rounds: Round[] = [];
  // With a single zone all rounds are one: the first N nodes clockwise.
  for (let perZone = names.length === 1 ? wanted : 1; rounds.at(-1)?.listLength !== wanted; perZone++) {
    rounds.push({ perZone, listLength: Math.min(wanted, reachable(perZone)) });
  }
  return { zoneOf, rounds };
}

/** A way clockwise round the vnodes: each is a number of the walker's choice. */
export interface Walk {
  /** The node whose vnode this is. */
  nodeAt(vnode: number): number;
  next(vnode: number): number;
}

/**
 * The nodes that hold the arc which ends at vnode `end`, most preferred first: the owner of the arc, then the first
 * different nodes clockwise, passing over nodes of a zone that is full in this round. They are written over `list`, which
 * has their number: whoever works out thousands of lists needs only one.
 */
export function preferenceList(
  walk: Walk,
  end: number,
  { zoneOf, rounds }: Spread,
  list: number[],
): readonly number[] {
  let found = 0;
  for (let round = 0; round < rounds.length; round++) {
    const { perZone, listLength } = rounds[round]!;
    for (let vnode = end; found < listLength; vnode = walk.next(vnode)) {
      const node = walk.nodeAt(vnode);
      if (fits(node, list, found, zoneOf, perZone)) list[found++] = node;
    }
  }
  return list;
}

/** Whether the node is none of the first `found` of the list, and its zone has room. */
function fits(
  node: number,
  list: readonly number[],
  found: number,
  zoneOf: readonly number[],
  perZone: number,
): boolean {
  let inZone = 0;
  for (let i = 0; i < found; i++) {
    if (list[i] === node) return false;
    if (zoneOf[list[i]!] === zoneOf[node]) inZone++;
  }
  return inZone < perZone;
}
